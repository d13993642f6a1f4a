// See guard.h.
#include "guard.h"

#if defined(__unix__)
#include <dlfcn.h>
#include <execinfo.h>
#include <setjmp.h>
#include <signal.h>

#include <cstdlib>
#include <sstream>

#include "torchscratch/cuda.h"
#endif

namespace ts::test {

#if defined(__unix__)

namespace {

// Before anything asks for a CUDA device. An explicit choice is respected.
[[maybe_unused]] const bool chosen = (setenv("TORCHSCRATCH_CUDA", "guard", /*overwrite=*/0), true);

thread_local sigjmp_buf back;
thread_local bool watching = false;
constexpr int kDepth = 48;
thread_local void* frames[kDepth];
thread_local int depth = 0;

void on_fault(int signal) {
  if (!watching) {
    ::signal(signal, SIG_DFL);
    return;  // the instruction runs again and ends the process
  }
  depth = backtrace(frames, kDepth);
  siglongjmp(back, 1);
}

void install() {
  static const bool installed = [] {
    void* warm[2];
    backtrace(warm, 2);  // loads what it needs, which a signal handler must not
    struct sigaction action = {};
    action.sa_handler = on_fault;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_NODEFER;
    sigaction(SIGSEGV, &action, nullptr);
    return true;
  }();
  static_cast<void>(installed);
}

std::string stack() {
  std::ostringstream text;
  char** const symbols = backtrace_symbols(frames, depth);
  for (int i = 2; i < depth && i < 20; ++i) text << "\n    " << (symbols ? symbols[i] : "?");
  std::free(symbols);
  return text.str();
}

}  // namespace

bool guard_available(std::string* reason) {
  *reason = cuda::why_not();
  if (reason->empty() && cuda::properties(0).name.rfind("guard", 0) != 0)
    *reason = "device cuda is not the guard device";
  return reason->empty();
}

std::string touched_by(const std::function<void()>& body) {
  install();
  if (sigsetjmp(back, 1) != 0) {
    watching = false;
    return "device memory was touched outside a kernel:" + stack();
  }
  watching = true;
  try {
    body();
  } catch (...) {
    watching = false;
    throw;
  }
  watching = false;
  return "";
}

#else

bool guard_available(std::string* reason) {
  *reason = "the guard device needs mprotect";
  return false;
}
std::string touched_by(const std::function<void()>& body) {
  body();
  return "";
}

#endif

bool same(const Tensor& a, const Tensor& b, double tolerance) {
  const NoGrad no_grad;
  if (a.sizes() != b.sizes() || a.dtype() != b.dtype()) return false;
  const Tensor x = to(a.detach(), Device(), DType::Float64), y = to(b.detach(), Device(), DType::Float64);
  return x.numel() == 0 || all(isclose(x, y, tolerance, tolerance * 1e-3, /*equal_nan=*/true)).item<bool>();
}

Tensor on_device(const Tensor& tensor, Device device) {
  Tensor copy = to(tensor.detach(), device);
  if (tensor.requires_grad()) copy.requires_grad_();
  return copy;
}

}  // namespace ts::test
