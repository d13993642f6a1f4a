// Optimizer steps of the C ABI.
#include "c_api/convert.h"
#include "torchscratch/optimizer.h"

using namespace ts;
using namespace ts::c_api;

namespace {

// State that an option may make needless.
TensorList borrow_optional(const ts_tensor* handles, std::int32_t count) {
  return handles ? borrow_list(handles, count) : TensorList();
}

template <class T>
Span<T> numbers(T* values, std::int32_t count, const char* name) {
  TS_CHECK(values != nullptr || count == 0, ValueError, name, " must not be NULL");
  return {values, static_cast<std::size_t>(count)};
}

}  // namespace

ts_status ts_sgd_step(const ts_tensor* parameters, const ts_tensor* gradients, ts_tensor* momentum_buffers,
                      int32_t count, double lr, double momentum, double dampening, double weight_decay,
                      int32_t nesterov, int32_t maximize) {
  return guard([&] {
    TensorList buffers = momentum_buffers ? borrow_list(momentum_buffers, count) : TensorList();
    sgd_step(borrow_list(parameters, count), borrow_list(gradients, count), buffers,
             {lr, momentum, dampening, weight_decay, nesterov != 0, maximize != 0});
    for (std::size_t i = 0; i < buffers.size(); ++i) {
      if (!momentum_buffers[i] && buffers[i].defined()) momentum_buffers[i] = to_handle(std::move(buffers[i]));
    }
  });
}

ts_status ts_adam_step(const ts_tensor* parameters, const ts_tensor* gradients, int64_t* steps,
                       const ts_tensor* exp_avgs, const ts_tensor* exp_avg_sqs, const ts_tensor* max_exp_avg_sqs,
                       int32_t count, double lr, double beta1, double beta2, double eps, double weight_decay,
                       int32_t decoupled, int32_t maximize) {
  return guard([&] {
    adam_step(borrow_list(parameters, count), borrow_list(gradients, count), borrow_list(exp_avgs, count),
              borrow_list(exp_avg_sqs, count), borrow_optional(max_exp_avg_sqs, count), numbers(steps, count, "steps"),
              {lr, beta1, beta2, eps, weight_decay, decoupled != 0, maximize != 0});
  });
}

ts_status ts_adagrad_step(const ts_tensor* parameters, const ts_tensor* gradients, int64_t* steps,
                          const ts_tensor* sums, int32_t count, double lr, double lr_decay, double weight_decay,
                          double eps, int32_t maximize) {
  return guard([&] {
    adagrad_step(borrow_list(parameters, count), borrow_list(gradients, count), borrow_list(sums, count),
                 numbers(steps, count, "steps"), {lr, lr_decay, weight_decay, eps, maximize != 0});
  });
}

ts_status ts_rmsprop_step(const ts_tensor* parameters, const ts_tensor* gradients, int64_t* steps,
                          const ts_tensor* square_avgs, const ts_tensor* grad_avgs, const ts_tensor* momentum_buffers,
                          int32_t count, double lr, double alpha, double eps, double weight_decay, double momentum,
                          int32_t maximize) {
  return guard([&] {
    rmsprop_step(borrow_list(parameters, count), borrow_list(gradients, count), borrow_list(square_avgs, count),
                 borrow_optional(grad_avgs, count), borrow_optional(momentum_buffers, count),
                 numbers(steps, count, "steps"), {lr, alpha, eps, weight_decay, momentum, maximize != 0});
  });
}

ts_status ts_adadelta_step(const ts_tensor* parameters, const ts_tensor* gradients, int64_t* steps,
                           const ts_tensor* square_avgs, const ts_tensor* acc_deltas, int32_t count, double lr,
                           double rho, double eps, double weight_decay, int32_t maximize) {
  return guard([&] {
    adadelta_step(borrow_list(parameters, count), borrow_list(gradients, count), borrow_list(square_avgs, count),
                  borrow_list(acc_deltas, count), numbers(steps, count, "steps"),
                  {lr, rho, eps, weight_decay, maximize != 0});
  });
}

ts_status ts_adamax_step(const ts_tensor* parameters, const ts_tensor* gradients, int64_t* steps,
                         const ts_tensor* exp_avgs, const ts_tensor* exp_infs, int32_t count, double lr, double beta1,
                         double beta2, double eps, double weight_decay, int32_t maximize) {
  return guard([&] {
    adamax_step(borrow_list(parameters, count), borrow_list(gradients, count), borrow_list(exp_avgs, count),
                borrow_list(exp_infs, count), numbers(steps, count, "steps"),
                {lr, beta1, beta2, eps, weight_decay, maximize != 0});
  });
}

ts_status ts_nadam_step(const ts_tensor* parameters, const ts_tensor* gradients, int64_t* steps, double* mu_products,
                        const ts_tensor* exp_avgs, const ts_tensor* exp_avg_sqs, int32_t count, double lr, double beta1,
                        double beta2, double eps, double weight_decay, double momentum_decay, int32_t maximize) {
  return guard([&] {
    nadam_step(borrow_list(parameters, count), borrow_list(gradients, count), borrow_list(exp_avgs, count),
               borrow_list(exp_avg_sqs, count), numbers(steps, count, "steps"),
               numbers(mu_products, count, "mu_products"),
               {lr, beta1, beta2, eps, weight_decay, momentum_decay, maximize != 0});
  });
}

ts_status ts_radam_step(const ts_tensor* parameters, const ts_tensor* gradients, int64_t* steps,
                        const ts_tensor* exp_avgs, const ts_tensor* exp_avg_sqs, int32_t count, double lr, double beta1,
                        double beta2, double eps, double weight_decay, int32_t maximize) {
  return guard([&] {
    radam_step(borrow_list(parameters, count), borrow_list(gradients, count), borrow_list(exp_avgs, count),
               borrow_list(exp_avg_sqs, count), numbers(steps, count, "steps"),
               {lr, beta1, beta2, eps, weight_decay, maximize != 0});
  });
}

ts_status ts_lion_step(const ts_tensor* parameters, const ts_tensor* gradients, int64_t* steps,
                       const ts_tensor* exp_avgs, int32_t count, double lr, double beta1, double beta2,
                       double weight_decay, int32_t maximize) {
  return guard([&] {
    lion_step(borrow_list(parameters, count), borrow_list(gradients, count), borrow_list(exp_avgs, count),
              numbers(steps, count, "steps"), {lr, beta1, beta2, weight_decay, maximize != 0});
  });
}
