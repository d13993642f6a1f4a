// The choice of an instruction set.
#include <gtest/gtest.h>

#include "cpu/gemm_kernel_set.h"
#include "simd_targets.h"

namespace ts::cpu {
namespace {

TEST(SimdTarget, ReadingTheNameKeepsTheForcedTarget) {
  select_simd_target();
  const int64_t before = hwy::SupportedTargets();
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    hwy::DisableTargets(~target);  // as TORCHSCRATCH_SIMD does
    const auto* const kernels = &gemm_kernels<float>();
    EXPECT_STRCASEEQ(simd_target_name(), hwy::TargetName(target));
    EXPECT_EQ(&gemm_kernels<float>(), kernels);
  }
  hwy::DisableTargets(~before);
}

}  // namespace
}  // namespace ts::cpu
