// The stack of operators that a thread is running, from which errors take the name of the one that the user called.
#include "tensor/error_name.h"
#include "torchscratch/observer.h"

namespace ts {

namespace detail {

std::atomic<OpObserver*> op_observer{nullptr};

namespace {
thread_local OpScope* innermost = nullptr;
}

const OpScope* OpScope::current() { return innermost; }

OpScope* OpScope::enter(OpScope* scope) {
  OpScope* const parent = innermost;
  innermost = scope;
  return parent;
}

void OpScope::leave(OpScope* scope) { innermost = scope; }

thread_local bool error_is_named = false;

std::string in_operator(const std::string& message) {
  const OpScope* inner = OpScope::current();
  error_is_named = inner != nullptr;
  if (!inner) return message;
  while (inner->is_internal() && inner->parent()) inner = inner->parent();
  const OpScope* outer = inner;
  while (outer->parent()) outer = outer->parent();
  if (outer == inner) return format(outer->op(), ": ", message);
  return format(outer->op(), " (in ", inner->op(), "): ", message);
}

}  // namespace detail

void set_op_observer(OpObserver* observer) { detail::op_observer.store(observer, std::memory_order_release); }

bool add_op_observer(OpObserver* observer) {
  OpObserver* none = nullptr;
  return detail::op_observer.compare_exchange_strong(none, observer, std::memory_order_acq_rel);
}

}  // namespace ts
