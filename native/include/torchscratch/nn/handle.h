// A module by value: copying the handle shares the module.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include "torchscratch/error.h"

namespace ts::nn {

/// Makes an Impl of its arguments and owns it together with its copies. `Linear` is Handle<LinearImpl>.
template <class Impl>
class Handle {
 public:
  template <class... Args,
            class = std::enable_if_t<std::is_constructible_v<Impl, Args...> &&
                                     !(sizeof...(Args) == 1 && (std::is_same_v<std::decay_t<Args>, Handle> && ...))>>
  explicit Handle(Args&&... args) : impl_(std::make_shared<Impl>(std::forward<Args>(args)...)) {}
  /// Empty, for a member that is set later.
  Handle(std::nullptr_t) {}                                           // NOLINT: implicit, as of a pointer
  Handle(std::shared_ptr<Impl> module) : impl_(std::move(module)) {}  // NOLINT

  explicit operator bool() const { return impl_ != nullptr; }
  const std::shared_ptr<Impl>& ptr() const { return impl_; }
  /// Throws ValueError for an empty handle.
  Impl& operator*() const {
    TS_CHECK(impl_, ValueError, "this module's handle is empty; give it a module first");
    return *impl_;
  }
  Impl* operator->() const { return &**this; }

  /// Runs the module's forward.
  template <class... Args>
  auto operator()(Args&&... args) const {
    return (**this).forward(std::forward<Args>(args)...);
  }

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace ts::nn
