// Runs a test once for every instruction set that this build and this machine support.
#pragma once

#include "cpu/simd_target.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <cstdint>

namespace ts::test {

template <class Function>
void for_each_simd_target(Function&& function) {
  const std::int64_t targets = hwy::SupportedTargets() & static_cast<std::int64_t>(HWY_TARGETS);
  for (std::int64_t rest = targets; rest != 0; rest &= rest - 1) {
    const std::int64_t target = rest & -rest;
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(target);
    SCOPED_TRACE(hwy::TargetName(target));
    function(hwy::TargetName(target));
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(targets);
}

}  // namespace ts::test
