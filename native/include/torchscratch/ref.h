// Intrusive reference counting: the count is part of the object, so a handle is a single pointer.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace ts {

/// Base of the classes that a Ref can hold. `Derived` provides `static void destroy(Derived*)`.
template <class Derived>
class RefCounted {
 public:
  RefCounted() = default;
  RefCounted(const RefCounted&) = delete;
  RefCounted& operator=(const RefCounted&) = delete;

  void retain() const { count_.fetch_add(1, std::memory_order_relaxed); }
  void release() const {
    // The sole owner needs no read-modify-write, because no other thread can change the count.
    if (count_.load(std::memory_order_acquire) == 1 || count_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      Derived::destroy(const_cast<Derived*>(static_cast<const Derived*>(this)));
    }
  }
  std::int32_t use_count() const { return count_.load(std::memory_order_acquire); }

 protected:
  ~RefCounted() = default;

 private:
  mutable std::atomic<std::int32_t> count_{1};
};

/// A handle that shares ownership of an object; null by default.
template <class T>
class Ref {
 public:
  Ref() = default;
  /// Takes over a reference that is already counted, such as that of a new object.
  static Ref adopt(T* pointer) {
    Ref ref;
    ref.pointer_ = pointer;
    return ref;
  }
  /// Adds a reference to an object that has another owner.
  static Ref share(T* pointer) {
    if (pointer) pointer->retain();
    return adopt(pointer);
  }
  Ref(const Ref& other) : pointer_(other.pointer_) {
    if (pointer_) pointer_->retain();
  }
  Ref(Ref&& other) noexcept : pointer_(std::exchange(other.pointer_, nullptr)) {}
  template <class U>
  Ref(Ref<U> other) : pointer_(other.detach()) {}  // NOLINT: upcasts are implicit
  Ref& operator=(Ref other) noexcept {
    std::swap(pointer_, other.pointer_);
    return *this;
  }
  ~Ref() {
    if (pointer_) pointer_->release();
  }

  T* get() const { return pointer_; }
  T* operator->() const { return pointer_; }
  T& operator*() const { return *pointer_; }
  explicit operator bool() const { return pointer_ != nullptr; }
  bool operator==(const Ref& other) const { return pointer_ == other.pointer_; }
  bool operator!=(const Ref& other) const { return pointer_ != other.pointer_; }
  /// Returns the pointer and leaves its reference to the caller.
  T* detach() { return std::exchange(pointer_, nullptr); }
  void reset() { *this = Ref(); }

 private:
  T* pointer_ = nullptr;
};

/// Creates an object of class T and returns a handle to it.
template <class T, class... Args>
Ref<T> make_ref(Args&&... args) {
  // new T() would fill the object with zeros before it is constructed.
  if constexpr (sizeof...(Args) == 0) return Ref<T>::adopt(new T);
  else return Ref<T>::adopt(new T(std::forward<Args>(args)...));
}

}  // namespace ts
