/*
 * The C ABI of libtorchscratch, C99: what bindings for other languages are generated from.
 *
 * One shape: a function returns a ts_status, 0 or the kind of error, and writes results through its last parameters.
 * After an error the results are untouched and ts_last_error_message() tells, for this thread, what happened: the
 * operator, its operands and, where one is known, the fix. No exception leaves the library and the process never
 * exits. Functions that cannot fail return their result directly.
 *
 * Handles are reference counted. A function that writes a ts_tensor gives the caller one reference, to be returned with
 * ts_tensor_release; arguments stay the caller's. A handle may be used from several threads; changing one tensor's data
 * from several threads at once is the caller's to prevent. NULL stands for "no tensor" where a parameter is optional.
 * Booleans are int32_t, dtypes and enums are int32_t with the values below; -1 is "not given" for an optional dtype,
 * and a count of -1 is "not given" for an optional list. Texts are UTF-8, zero-terminated.
 *
 * "@fast" marks functions that are short, never block and never call back.
 */
#ifndef TORCHSCRATCH_C_API_H
#define TORCHSCRATCH_C_API_H

#include <stdint.h>

#include "torchscratch/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Types ------------------------------------------------------------------------------------------------------ */

/** 0, or the kind of error: one of ts_error. */
typedef int32_t ts_status;

/** Kinds of errors. */
typedef enum ts_error {
  TS_OK = 0,
  TS_ERROR_GENERIC = 1,
  TS_ERROR_SHAPE = 2,
  TS_ERROR_DTYPE = 3,
  TS_ERROR_INDEX = 4,
  TS_ERROR_VALUE = 5,
  TS_ERROR_AUTOGRAD = 6,
  TS_ERROR_OUT_OF_MEMORY = 7,
  TS_ERROR_IO = 8,
  TS_ERROR_NOT_SUPPORTED = 9,
  TS_ERROR_CALLBACK = 10,
  TS_ERROR_DEVICE = 11
} ts_error;

/** Element types. */
typedef enum ts_dtype {
  TS_BOOL = 0,
  TS_UINT8 = 1,
  TS_INT8 = 2,
  TS_INT16 = 3,
  TS_INT32 = 4,
  TS_INT64 = 5,
  TS_FLOAT16 = 6,
  TS_BFLOAT16 = 7,
  TS_FLOAT32 = 8,
  TS_FLOAT64 = 9
} ts_dtype;

/** Kinds of ts_scalar. */
typedef enum ts_scalar_kind { TS_SCALAR_BOOL = 0, TS_SCALAR_INT = 1, TS_SCALAR_FLOAT = 2 } ts_scalar_kind;

typedef struct ts_tensor_s* ts_tensor;
typedef struct ts_tensor_list_s* ts_tensor_list;
typedef struct ts_node_s* ts_node;
typedef struct ts_context_s* ts_context;
typedef struct ts_generator_s* ts_generator;
typedef struct ts_profile_s* ts_profile;
typedef struct ts_plugin_s* ts_plugin;
typedef struct ts_operator_s* ts_operator;

/** A number: `bits` holds an int64_t, or the bits of a double when kind is TS_SCALAR_FLOAT. */
typedef struct ts_scalar {
  int64_t bits;
  int32_t kind;
} ts_scalar;

typedef struct ts_optional_int {
  int64_t value;
  int32_t has_value;
} ts_optional_int;

/** Kinds of ts_index_entry. */
typedef enum ts_index_kind {
  TS_INDEX_INTEGER = 0,
  TS_INDEX_SLICE = 1,
  TS_INDEX_NEW_AXIS = 2,
  TS_INDEX_ELLIPSIS = 3,
  TS_INDEX_TENSOR = 4
} ts_index_kind;

/** One entry of an index; see ts::Index. `start` is an integer's place, too. */
typedef struct ts_index_entry {
  ts_tensor tensor;
  int64_t start;
  int64_t stop;
  int64_t step;
  int32_t kind;
  /** Of a slice: 1 when start is given, plus 2 when stop is. */
  int32_t bounds;
} ts_index_entry;

typedef struct ts_optional_double {
  double value;
  int32_t has_value;
} ts_optional_double;

typedef struct ts_optional_scalar {
  ts_scalar value;
  int32_t has_value;
} ts_optional_scalar;

/** See ts::AllocatorStats. All in bytes or counts since the process began. */
typedef struct ts_allocator_stats {
  int64_t live_bytes;
  int64_t cached_bytes;
  int64_t peak_bytes;
  int64_t system_allocations;
  int64_t system_frees;
  int64_t allocations;
  int64_t frees;
  int64_t limit_bytes;
} ts_allocator_stats;

/** What can be read of a tensor at once. `sizes` and `strides` (in elements) stay valid as long as the tensor. */
typedef struct ts_tensor_info {
  void* data;
  const int64_t* sizes;
  const int64_t* strides;
  int64_t numel;
  int64_t storage_offset;
  int32_t ndim;
  int32_t dtype;
  int32_t is_contiguous;
  int32_t device_type;
} ts_tensor_info;

/** Kinds of ts_profile_event. */
typedef enum ts_profile_kind { TS_PROFILE_OPERATOR = 0, TS_PROFILE_NODE = 1, TS_PROFILE_RANGE = 2 } ts_profile_kind;

/** See ts::ProfileEvent. Times in nanoseconds since the profiler began; `name` is never freed. */
typedef struct ts_profile_event {
  const char* name;
  int64_t begin;
  int64_t end;
  int64_t inner_time;
  int64_t bytes;
  int64_t inner_bytes;
  int64_t live_bytes;
  int32_t thread;
  int32_t depth;
  int32_t kind;
} ts_profile_event;

/** See ts::ProfileRow. Times in nanoseconds; `name` lives as long as the profile. */
typedef struct ts_profile_row {
  const char* name;
  int64_t calls;
  int64_t total_time;
  int64_t self_time;
  int64_t self_bytes;
  int32_t kind;
} ts_profile_row;

/** Called once when `user` is no longer needed. */
typedef void (*ts_release_callback)(void* user);

/* ---- Errors and the library ------------------------------------------------------------------------------------- */

/** The message of this thread's last error; valid until its next error. @fast */
TS_API const char* ts_last_error_message(void);
/** "0.1.0" @fast */
TS_API const char* ts_version(void);
/** Instruction set in use, such as "AVX3_ZEN4". */
TS_API const char* ts_simd_target(void);
/** Makes the current call of a callback fail with this message; for callbacks that return a status. */
TS_API void ts_set_callback_error(const char* message);

TS_API int32_t ts_num_threads(void);
/** Threads that kernels use, the caller included; results do not depend on it. TS_ERROR_VALUE unless 1..1024. */
TS_API ts_status ts_set_num_threads(int32_t threads);

/** The dtype of new floating tensors. @fast */
TS_API int32_t ts_default_dtype(void);
TS_API ts_status ts_set_default_dtype(int32_t dtype);

/** dtype that both promote to. */
TS_API ts_status ts_promote(int32_t a, int32_t b, int32_t* out);

/* ---- Memory ----------------------------------------------------------------------------------------------------- */

TS_API void ts_allocator_get_stats(ts_allocator_stats* out);
/** Live bytes over all threads, without stopping anybody. @fast */
TS_API int64_t ts_allocator_live_bytes(void);
TS_API void ts_allocator_reset_peak(void);
/** 0 for no limit. An allocation above it fails with TS_ERROR_OUT_OF_MEMORY. */
TS_API void ts_allocator_set_limit(int64_t bytes);
/** Returns cached memory to the system. */
TS_API void ts_allocator_release_cached(void);
/** `event`: 0 allocate, 1 free, 2 system allocate, 3 system free. */
typedef void (*ts_allocator_hook)(void* user, int32_t event, void* data, int64_t bytes);
/** One hook for the process; NULL removes it. It runs on the allocating thread and must not create tensors. */
TS_API void ts_allocator_set_hook(ts_allocator_hook hook, void* user);

/* ---- Tensors ---------------------------------------------------------------------------------------------------- */

/** One more reference to the same tensor. @fast */
TS_API ts_tensor ts_tensor_retain(ts_tensor self);
/** Returns a reference; NULL is allowed. */
TS_API void ts_tensor_release(ts_tensor self);

/** Copies product(sizes) elements from `data`; uninitialized when data is NULL. */
TS_API ts_status ts_tensor_create(const void* data, const int64_t* sizes, int32_t ndim, int32_t dtype, ts_tensor* out);
/** Borrows `data` until the last tensor over it is gone, then calls release(user). */
TS_API ts_status ts_tensor_from_blob(void* data, const int64_t* sizes, int32_t ndim, int32_t dtype,
                                     ts_release_callback release, void* user, ts_tensor* out);
/** 0-d. */
TS_API ts_status ts_tensor_from_scalar(ts_scalar value, int32_t dtype, ts_tensor* out);

/** @fast */
TS_API void ts_tensor_get_info(ts_tensor self, ts_tensor_info* out);
/** The value of a tensor with one element. */
TS_API ts_status ts_tensor_item(ts_tensor self, ts_scalar* out);
/** Copies all elements, row-major, into `data` of `bytes` bytes, which must be numel * item size. */
TS_API ts_status ts_tensor_copy_to(ts_tensor self, void* data, int64_t bytes);
/** self[entries]: a view, or a copy of the elements that tensors in the index name. */
TS_API ts_status ts_tensor_index(ts_tensor self, const ts_index_entry* entries, int32_t count, ts_tensor* out);
/** self[entries] <- values, broadcast and converted, or added; recorded by autograd. */
TS_API ts_status ts_tensor_index_put_(ts_tensor self, const ts_index_entry* entries, int32_t count, ts_tensor values,
                                      int32_t accumulate);
/** Whether both are the same object. @fast */
TS_API int32_t ts_tensor_is_same(ts_tensor a, ts_tensor b);
/** Times the data was changed in place. @fast */
TS_API int64_t ts_tensor_version(ts_tensor self);
/** The tensor as text, the way PyTorch prints it. *out is released with ts_string_free. */
TS_API ts_status ts_tensor_to_string(ts_tensor self, char** out);
TS_API void ts_string_free(char* text);

/** @fast */
TS_API int32_t ts_tensor_list_size(ts_tensor_list list);
/** A new reference to entry i; NULL for an undefined one. */
TS_API ts_tensor ts_tensor_list_get(ts_tensor_list list, int32_t i);
TS_API void ts_tensor_list_free(ts_tensor_list list);
/** Adds one more reference to `tensor` at the end; for callbacks that return a list. */
TS_API ts_status ts_tensor_list_append(ts_tensor_list list, ts_tensor tensor);

/* ---- Random numbers --------------------------------------------------------------------------------------------- */

TS_API void ts_manual_seed(uint64_t seed);
/** Seed and position of the default generator. */
TS_API void ts_random_get_state(uint64_t* seed, uint64_t* offset);
TS_API void ts_random_set_state(uint64_t seed, uint64_t offset);

/** A stream of its own; NULL when memory is out. Released with ts_generator_release. */
TS_API ts_generator ts_generator_create(uint64_t seed);
TS_API void ts_generator_release(ts_generator generator);
/** Seed and position. */
TS_API void ts_generator_get_state(ts_generator generator, uint64_t* seed, uint64_t* offset);
TS_API void ts_generator_set_state(ts_generator generator, uint64_t seed, uint64_t offset);
/**
 * Operators of this thread draw from `generator` from now on, from the default one for NULL. Returns the former, NULL for
 * the default one, to be released or given to ts_generator_restore.
 */
TS_API ts_generator ts_generator_use(ts_generator generator);
/** Takes back what ts_generator_use returned. */
TS_API void ts_generator_restore(ts_generator former);

/* ---- Autograd --------------------------------------------------------------------------------------------------- */

/** @fast */
TS_API int32_t ts_grad_enabled(void);
/** Per thread; returns the former value. @fast */
TS_API int32_t ts_set_grad_enabled(int32_t enabled);
/** @fast */
TS_API int32_t ts_inference_enabled(void);
/** Per thread; returns the former value. @fast */
TS_API int32_t ts_set_inference_enabled(int32_t enabled);
/** Called when a node is recorded in anomaly mode; returns text for later errors, valid until its next call. */
typedef const char* (*ts_trace_callback)(void* user);
TS_API void ts_set_anomaly_mode(int32_t enabled, int32_t check_nan, ts_trace_callback trace, void* user);
/** @fast */
TS_API int32_t ts_anomaly_enabled(void);

TS_API int32_t ts_tensor_requires_grad(ts_tensor self);
TS_API ts_status ts_tensor_set_requires_grad(ts_tensor self, int32_t value);
TS_API int32_t ts_tensor_is_leaf(ts_tensor self);
TS_API int32_t ts_tensor_is_view(ts_tensor self);
/** The accumulated gradient; NULL when there is none. */
TS_API ts_status ts_tensor_grad(ts_tensor self, ts_tensor* out);
/** `grad` may be NULL. */
TS_API ts_status ts_tensor_set_grad(ts_tensor self, ts_tensor grad);
TS_API ts_status ts_tensor_retain_grad(ts_tensor self);
/** Shares the data outside the graph. */
TS_API ts_status ts_tensor_detach(ts_tensor self, ts_tensor* out);
/** The node that made self; NULL for a leaf. */
TS_API ts_status ts_tensor_grad_fn(ts_tensor self, ts_node* out);

/** Accumulates gradients into leaves; see ts::backward. Entries of `gradients`, or all of it, may be NULL. */
TS_API ts_status ts_backward(const ts_tensor* outputs, int32_t outputs_count, const ts_tensor* gradients,
                             int32_t retain_graph, int32_t create_graph);
/** Gradients of outputs with respect to inputs; see ts::grad. */
TS_API ts_status ts_autograd_grad(const ts_tensor* outputs, int32_t outputs_count, const ts_tensor* inputs,
                                  int32_t inputs_count, const ts_tensor* gradients, int32_t retain_graph,
                                  int32_t create_graph, int32_t allow_unused, ts_tensor_list* out);

/** Gets a gradient (borrowed); writes a new reference to a replacement, or leaves *replacement NULL. */
typedef ts_status (*ts_tensor_hook)(void* user, ts_tensor grad, ts_tensor* replacement);
TS_API ts_status ts_tensor_register_hook(ts_tensor self, ts_tensor_hook hook, ts_release_callback release, void* user,
                                         int64_t* id);
TS_API ts_status ts_tensor_remove_hook(ts_tensor self, int64_t id);

TS_API void ts_node_release(ts_node node);
/** Valid as long as the node. */
TS_API const char* ts_node_name(ts_node node);
TS_API int32_t ts_node_edge_count(ts_node node);
/** A new reference to the node that edge i leads to; NULL if there is none. */
TS_API ts_node ts_node_edge(ts_node node, int32_t i);
/** Called with borrowed gradients before (or after) the node runs; it may not replace them. */
typedef ts_status (*ts_node_hook)(void* user, ts_tensor_list grad_inputs, ts_tensor_list grad_outputs);
TS_API ts_status ts_node_register_hook(ts_node node, int32_t before, ts_node_hook hook, ts_release_callback release,
                                       void* user, int64_t* id);
TS_API ts_status ts_node_remove_hook(ts_node node, int64_t id);

/** Runs without recording; writes outputs_count new references into outputs. */
typedef ts_status (*ts_function_forward)(void* user, ts_context context, ts_tensor* outputs);
/** grad_outputs entries are borrowed and may be NULL; writes a new reference or NULL for each input. */
typedef ts_status (*ts_function_backward)(void* user, ts_context context, const ts_tensor* grad_outputs,
                                          int32_t grad_outputs_count, ts_tensor* grad_inputs);
/**
 * A custom autograd function. `forward` is called once, now; `backward` once for each backward pass, with the same
 * context, from the thread that runs it. `user` lives until the graph lets go of the function, then release(user).
 */
TS_API ts_status ts_function_apply(const char* name, const ts_tensor* inputs, int32_t inputs_count,
                                   int32_t outputs_count, ts_function_forward forward, ts_function_backward backward,
                                   ts_release_callback release, void* user, ts_tensor* outputs);
/** In forward: keeps tensors for backward. */
TS_API ts_status ts_context_save(ts_context context, const ts_tensor* tensors, int32_t count);
/** In backward: the kept tensors, checked against in-place changes. */
TS_API ts_status ts_context_saved(ts_context context, ts_tensor_list* out);
TS_API int32_t ts_context_needs_input_grad(ts_context context, int32_t i);
/** In forward: these outputs get no gradient. */
TS_API ts_status ts_context_mark_non_differentiable(ts_context context, const ts_tensor* tensors, int32_t count);

/** Runs a checkpointed function; adds its results to `outputs`. `inputs` entries are borrowed and may be NULL. */
typedef ts_status (*ts_checkpoint_function)(void* user, const ts_tensor* inputs, int32_t inputs_count,
                                            ts_tensor_list outputs);
/**
 * Calls a function that keeps nothing for the backward pass, but is called again there; see ts::checkpoint. `user`
 * lives until the graph lets go of the function, then release(user).
 */
TS_API ts_status ts_checkpoint(const ts_tensor* inputs, int32_t inputs_count, ts_checkpoint_function function,
                               ts_release_callback release, void* user, ts_tensor_list* out);

/* ---- Seeing inside ---------------------------------------------------------------------------------------------- */

/**
 * The graph that leads to self as text: DOT, or a Mermaid flowchart if `mermaid`; see ts::graph_to_dot. `names` are
 * those of `tensors`, mostly parameters. At most max_nodes nodes. *out is released with ts_string_free.
 */
TS_API ts_status ts_tensor_graph(ts_tensor self, int32_t mermaid, const char* const* names, const ts_tensor* tensors,
                                 int32_t count, int64_t max_nodes, char** out);

/** Starts the process's profiler; see ts::profiler. TS_ERROR_NOT_SUPPORTED if it runs already. */
TS_API ts_status ts_profiler_start(void);
/** Ends it. *out is released with ts_profile_release. */
TS_API ts_status ts_profiler_stop(ts_profile* out);
/** What it saw so far; it runs on. */
TS_API ts_status ts_profiler_snapshot(ts_profile* out);
TS_API int32_t ts_profiler_running(void);
/** Begins a named part of this thread's work. */
TS_API ts_status ts_profiler_push_range(const char* name);
/** Ends the part that this thread began last. */
TS_API ts_status ts_profiler_pop_range(void);
TS_API void ts_profile_release(ts_profile profile);
TS_API int64_t ts_profile_event_count(ts_profile profile);
/** Event i, which must exist. */
TS_API void ts_profile_get_event(ts_profile profile, int64_t i, ts_profile_event* out);
TS_API int32_t ts_profile_row_count(ts_profile profile);
/** Row i, which must exist: all calls of one name, those with most time of their own first. */
TS_API void ts_profile_get_row(ts_profile profile, int32_t i, ts_profile_row* out);
/** The first `limit` rows as a table, 0 for all. *out is released with ts_string_free. */
TS_API ts_status ts_profile_table(ts_profile profile, int64_t limit, char** out);
/** JSON of the Trace Event Format. *out is released with ts_string_free. */
TS_API ts_status ts_profile_trace(ts_profile profile, char** out);

/* ---- Plugins ---------------------------------------------------------------------------------------------------- */

/** Loads a shared library with operators, for good; see torchscratch/plugin.h. */
TS_API ts_status ts_plugin_load(const char* path, ts_plugin* out);
/** What comes before the names of its operators. */
TS_API const char* ts_plugin_name(ts_plugin plugin);
TS_API int32_t ts_plugin_operator_count(ts_plugin plugin);
/** Operator i, which must exist. */
TS_API ts_operator ts_plugin_operator(ts_plugin plugin, int32_t i);
/** An operator of any plugin by its full name, as in "my::swish". */
TS_API ts_status ts_operator_find(const char* name, ts_operator* out);
TS_API const char* ts_operator_name(ts_operator self);
TS_API const char* ts_operator_doc(ts_operator self);
/** "my::swish(Tensor, double)"; *out is released with ts_string_free. */
TS_API ts_status ts_operator_signature(ts_operator self, char** out);
/** Calls an operator; tensors and numbers in the order of its parameters. */
TS_API ts_status ts_operator_call(ts_operator self, const ts_tensor* tensors, int32_t tensors_count,
                                  const ts_scalar* numbers, int32_t numbers_count, ts_tensor_list* out);

/* ---- Files ------------------------------------------------------------------------------------------------------ */

/** Writes a .safetensors file, atomically: a complete file replaces the old one or nothing changes. `metadata` is a
 * JSON object of strings, or NULL. */
TS_API ts_status ts_safetensors_save(const char* path, const char* const* names, const ts_tensor* tensors,
                                     int32_t count, const char* metadata);
/**
 * Reads a .safetensors file. *names holds the names, each zero-terminated, one after the other, in the order of the
 * list; *metadata is a JSON object, "{}" if there is none; both are released with ts_string_free.
 */
TS_API ts_status ts_safetensors_load(const char* path, ts_tensor_list* tensors, char** names, char** metadata);

/* ---- Optimizers: one call updates all parameters ---------------------------------------------------------------- */

/*
 * Formulas are in torchscratch/optimizer.h. Parameters whose gradient is NULL are left alone. `steps` holds the steps
 * that each parameter has taken, 0 at first, and is counted up. State tensors are dense and of the parameter's shape
 * and type; zeros at first.
 */

/** SGD with momentum. Buffers are undefined (NULL) at first and then made; momentum_buffers may be NULL without
 * momentum. */
TS_API ts_status ts_sgd_step(const ts_tensor* parameters, const ts_tensor* gradients, ts_tensor* momentum_buffers,
                             int32_t count, double lr, double momentum, double dampening, double weight_decay,
                             int32_t nesterov, int32_t maximize);
/**
 * Adam (Kingma and Ba 2015), with decoupled weight decay (AdamW; Loshchilov and Hutter 2019) if `decoupled`.
 * max_exp_avg_sqs is NULL unless amsgrad.
 */
TS_API ts_status ts_adam_step(const ts_tensor* parameters, const ts_tensor* gradients, int64_t* steps,
                              const ts_tensor* exp_avgs, const ts_tensor* exp_avg_sqs, const ts_tensor* max_exp_avg_sqs,
                              int32_t count, double lr, double beta1, double beta2, double eps, double weight_decay,
                              int32_t decoupled, int32_t maximize);
/** Adagrad (Duchi, Hazan and Singer 2011). */
TS_API ts_status ts_adagrad_step(const ts_tensor* parameters, const ts_tensor* gradients, int64_t* steps,
                                 const ts_tensor* sums, int32_t count, double lr, double lr_decay, double weight_decay,
                                 double eps, int32_t maximize);
/** RMSprop (Hinton 2012). grad_avgs is NULL unless centered, momentum_buffers may be NULL without momentum. */
TS_API ts_status ts_rmsprop_step(const ts_tensor* parameters, const ts_tensor* gradients, int64_t* steps,
                                 const ts_tensor* square_avgs, const ts_tensor* grad_avgs,
                                 const ts_tensor* momentum_buffers, int32_t count, double lr, double alpha, double eps,
                                 double weight_decay, double momentum, int32_t maximize);
/** Adadelta (Zeiler 2012). */
TS_API ts_status ts_adadelta_step(const ts_tensor* parameters, const ts_tensor* gradients, int64_t* steps,
                                  const ts_tensor* square_avgs, const ts_tensor* acc_deltas, int32_t count, double lr,
                                  double rho, double eps, double weight_decay, int32_t maximize);
/** Adamax (Kingma and Ba 2015). */
TS_API ts_status ts_adamax_step(const ts_tensor* parameters, const ts_tensor* gradients, int64_t* steps,
                                const ts_tensor* exp_avgs, const ts_tensor* exp_infs, int32_t count, double lr,
                                double beta1, double beta2, double eps, double weight_decay, int32_t maximize);
/** NAdam (Dozat 2016). mu_products, one number for each parameter, is 1 at first and multiplied up. */
TS_API ts_status ts_nadam_step(const ts_tensor* parameters, const ts_tensor* gradients, int64_t* steps,
                               double* mu_products, const ts_tensor* exp_avgs, const ts_tensor* exp_avg_sqs,
                               int32_t count, double lr, double beta1, double beta2, double eps, double weight_decay,
                               double momentum_decay, int32_t maximize);
/** RAdam (Liu et al. 2020). */
TS_API ts_status ts_radam_step(const ts_tensor* parameters, const ts_tensor* gradients, int64_t* steps,
                               const ts_tensor* exp_avgs, const ts_tensor* exp_avg_sqs, int32_t count, double lr,
                               double beta1, double beta2, double eps, double weight_decay, int32_t maximize);
/** Lion (Chen et al. 2023); weight decay is decoupled. */
TS_API ts_status ts_lion_step(const ts_tensor* parameters, const ts_tensor* gradients, int64_t* steps,
                              const ts_tensor* exp_avgs, int32_t count, double lr, double beta1, double beta2,
                              double weight_decay, int32_t maximize);

/* ---- Operators, generated from the op table --------------------------------------------------------------------- */

#include "torchscratch/c_api_ops.g.h"

#ifdef __cplusplus
}
#endif

#endif
