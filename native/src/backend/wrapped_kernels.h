// Tables of kernels that wrap those of the host: each function of a table calls Wrapper<kernel, written,
// arguments...>::call. A backend whose own kernels are not written yet fills its tables so, and the tests' guard device
// does nothing else.
#pragma once

#include <cstdint>

#include "generated/kernels/list.g.h"

namespace ts {

namespace detail {

template <template <auto, std::uint32_t> class Wrapper, class Function>
struct WrappedCall;

template <template <auto, std::uint32_t> class Wrapper, class Table, class... Args>
struct WrappedCall<Wrapper, void (*Table::*)(Args...)> {
  template <void (*Table::*kKernel)(Args...), std::uint32_t kWritten>
  static void call(Args... args) {
    Wrapper<kKernel, kWritten>::call(Table::cpu.*kKernel, args...);
  }
};

}  // namespace detail

/// Fills the tables of the CUDA backend. Wrapper<&Table::kernel, written> has a static template function
/// call(kernel, arguments...); bit i of `written` says that argument i is a tensor, or a list of them, that the kernel
/// writes.
template <template <auto, std::uint32_t> class Wrapper>
void register_wrapped_kernels() {
#define TS_TABLE(table) static table table##_wrapped = table::cpu;
  TS_KERNEL_TABLES(TS_TABLE)
#undef TS_TABLE
#define TS_KERNEL(table, kernel, written) \
  table##_wrapped.kernel =                \
      &detail::WrappedCall<Wrapper, decltype(&table::kernel)>::template call<&table::kernel, written>;
  TS_KERNELS(TS_KERNEL)
#undef TS_KERNEL
#define TS_TABLE(table) table::cuda.store(&table##_wrapped, std::memory_order_release);
  TS_KERNEL_TABLES(TS_TABLE)
#undef TS_TABLE
}

}  // namespace ts
