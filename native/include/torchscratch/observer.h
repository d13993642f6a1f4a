// How a profiler, a tracer or anomaly mode sees every operator: the generated function reports itself here, and the
// engine every node of the graph that it runs.
#pragma once

#include <atomic>
#include <cstdint>

#include "torchscratch/tensor.h"

namespace ts {

/// Told of each operator call, composites and the operators inside them alike.
struct TS_API OpObserver {
  virtual ~OpObserver() = default;
  virtual void before(const char* op) = 0;
  virtual void after(const char* op) = 0;
  /// The same for a node that a backward pass runs; the operators inside it are told of too.
  virtual void before_node(const Node& node) { (void)node; }
  virtual void after_node(const Node& node) { (void)node; }
};
/// At most one; null removes it. Calls in flight may still reach the old one, so it must stay alive.
TS_API void set_op_observer(OpObserver* observer);
/// The same, unless there is one already: then it stays, and the result is false.
TS_API bool add_op_observer(OpObserver* observer);

namespace detail {

TS_API extern std::atomic<OpObserver*> op_observer;

/// Stands at the head of every generated operator: names it in errors, and reports it to the observer, if there is one.
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
  /// The innermost running operator of this thread; null outside.
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
