// Errors in data, which a device reports at the next synchronization: an index out of range, a division by zero.
#pragma once

#include <exception>
#include <mutex>
#include <utility>

#include "tensor/device/backend.h"

namespace ts {

/// The first error of a device since the last call of raise().
class PendingErrors {
 public:
  /// In a catch block: keeps the exception for raise(), or throws it on at once if errors are reported at the call.
  /// What is not an error in data is thrown on in any case.
  void keep() {
    try {
      throw;
    } catch (const OutOfMemoryError&) {
      throw;
    } catch (const Error&) {
      if (cuda_is_synchronous()) throw;
      const std::lock_guard lock(mutex_);
      if (!first_) first_ = std::current_exception();
    }
  }

  void raise() {
    std::exception_ptr error;
    {
      const std::lock_guard lock(mutex_);
      error = std::exchange(first_, nullptr);
    }
    if (error) std::rethrow_exception(error);
  }

 private:
  std::mutex mutex_;
  std::exception_ptr first_;
};

}  // namespace ts
