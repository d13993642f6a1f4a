// Handles to modules, which are used like values; copies of a handle share the module.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include "torchscratch/error.h"

namespace ts::nn {

/// Constructs an Impl from its arguments and shares ownership of it with its copies. `Linear` is Handle<LinearImpl>.
template <class Impl>
class Handle {
 public:
  template <class... Args,
            class = std::enable_if_t<std::is_constructible_v<Impl, Args...> &&
                                     !(sizeof...(Args) == 1 && (std::is_same_v<std::decay_t<Args>, Handle> && ...))>>
  explicit Handle(Args&&... args) : impl_(std::make_shared<Impl>(std::forward<Args>(args)...)) {}
  /// An empty handle, for a member that is set later.
  Handle(std::nullptr_t) {}                                           // NOLINT: implicit, as for a pointer
  Handle(std::shared_ptr<Impl> module) : impl_(std::move(module)) {}  // NOLINT

  explicit operator bool() const { return impl_ != nullptr; }
  const std::shared_ptr<Impl>& ptr() const { return impl_; }
  /// Throws ValueError if the handle is empty.
  Impl& operator*() const {
    TS_CHECK(impl_, ValueError, "the handle is empty; assign a module to it first");
    return *impl_;
  }
  Impl* operator->() const { return &**this; }

  /// Calls the module's forward.
  template <class... Args>
  auto operator()(Args&&... args) const {
    return (**this).forward(std::forward<Args>(args)...);
  }

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace ts::nn
