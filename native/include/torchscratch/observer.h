// Observing operators, for profilers, tracers and error messages: every generated function reports its calls here, and
// the autograd engine reports every node that it runs.
#pragma once

#include <atomic>
#include <cstdint>

#include "torchscratch/tensor.h"

namespace ts {

/// Notified of operator calls, on the thread that makes them.
struct TS_API OpObserver {
  virtual ~OpObserver() = default;
  /// Called before and after each operator, including those that a composite operator calls. `op` is its name and lives
  /// as long as the process. after() is called even if the operator throws.
  virtual void before(const char* op) = 0;
  virtual void after(const char* op) = 0;
  /// Called before and after each node that a backward pass runs; the operators that the node calls are reported too.
  virtual void before_node(const Node& node) { (void)node; }
  virtual void after_node(const Node& node) { (void)node; }
};
/// Sets the process's only observer; null removes it. Calls that are running may still notify the former one, so it
/// must stay alive.
TS_API void set_op_observer(OpObserver* observer);
/// Sets the observer and returns true if there is none yet; otherwise returns false.
TS_API bool add_op_observer(OpObserver* observer);

namespace detail {

TS_API extern std::atomic<OpObserver*> op_observer;

/// Marks that an operator is running, from its constructor to its destructor: errors name it, and it is reported to the
/// observer if there is one. Every generated operator begins with one.
/// An internal operator is named in errors only when it was called directly.
class OpScope {
 public:
  explicit OpScope(const char* op, bool internal = false)
      : op_(op), internal_(internal), parent_(enter(this)), observer_(op_observer.load(std::memory_order_acquire)) {
    if (observer_) observer_->before(op_);
  }
  ~OpScope() {
    if (observer_) observer_->after(op_);
    leave(parent_);
  }
  OpScope(const OpScope&) = delete;
  OpScope& operator=(const OpScope&) = delete;
  const char* op() const { return op_; }
  bool is_internal() const { return internal_; }
  const OpScope* parent() const { return parent_; }
  /// The innermost operator that this thread is running; null if there is none.
  TS_API static const OpScope* current();

 private:
  TS_API static OpScope* enter(OpScope* scope);
  TS_API static void leave(OpScope* scope);

  const char* op_;
  bool internal_;
  OpScope* parent_;
  OpObserver* observer_;
};

}  // namespace detail
}  // namespace ts
