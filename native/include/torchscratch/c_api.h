/*
 * The C ABI of libtorchscratch, in C99. Bindings for other languages are generated from it.
 *
 * A function that can fail returns a ts_status, which is 0 or the kind of error, and writes its results through its
 * last parameters. After an error the results are untouched, and ts_last_error_message() returns what happened on this
 * thread: the operator, its operands and, where there is a known one, the remedy. No exception leaves the library, and
 * the library never ends the process. Functions that cannot fail return their result directly.
 *
 * Handles are reference counted. A function that writes a ts_tensor gives the caller a reference, which the caller
 * returns with ts_tensor_release; handles passed as arguments still belong to the caller. Several threads may use one
 * handle, but the caller must ensure that no two of them change a tensor's data at the same time. Where a tensor is
 * optional, NULL stands for none. Booleans, dtypes and enums are int32_t, the latter two with the values below. For an
 * optional dtype -1 means that it is not given, and so does a count of -1 for an optional list. A device is an int32_t too:
 * 0 is the CPU, 256 + i is cuda:i, and -1 means that none is given. Texts are UTF-8 and end with a zero byte.
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

/** TS_OK or the kind of error: one of ts_error. */
typedef int32_t ts_status;

/** Kinds of errors; see ts::ErrorKind. */
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
typedef struct ts_cuda_event_s* ts_cuda_event;
typedef struct ts_profile_s* ts_profile;
typedef struct ts_plugin_s* ts_plugin;
typedef struct ts_operator_s* ts_operator;

/** A number. `bits` is its value as an int64_t or, if kind is TS_SCALAR_FLOAT, the bits of a double. */
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

/** One entry of an index; see ts::Index. The value of an integer is in `start`. */
typedef struct ts_index_entry {
  ts_tensor tensor;
  int64_t start;
  int64_t stop;
  int64_t step;
  int32_t kind;
  /** For a slice: 1 if start is given, plus 2 if stop is given. */
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

/** Sizes in bytes, and counts since the process began; see ts::AllocatorStats. */
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

/**
 * Properties of a tensor. `sizes` and `strides` have `ndim` entries and stay valid as long as the tensor; strides and
 * storage_offset are in elements.
 */
typedef struct ts_tensor_info {
  void* data;
  const int64_t* sizes;
  const int64_t* strides;
  int64_t numel;
  int64_t storage_offset;
  int32_t ndim;
  int32_t dtype;
  int32_t is_contiguous;
  int32_t device;
} ts_tensor_info;

/** Properties of a CUDA device; see ts::cuda::Properties. Sizes are in bytes. */
typedef struct ts_cuda_properties {
  char name[256];
  int64_t total_memory;
  int32_t major;
  int32_t minor;
  int32_t multiprocessors;
  int32_t warp_size;
  int64_t shared_memory_per_block;
} ts_cuda_properties;

/** Memory of a CUDA device in bytes; see ts::cuda::MemoryStats. */
typedef struct ts_cuda_memory {
  int64_t live_bytes;
  int64_t peak_bytes;
  int64_t cached_bytes;
  int64_t limit_bytes;
  int64_t free_bytes;
  int64_t total_bytes;
  int64_t allocations;
  int64_t frees;
  int64_t system_allocations;
  int64_t system_frees;
} ts_cuda_memory;

/** A queue of work on a CUDA device. Streams are never destroyed; `native` is the CUDA runtime's handle. */
typedef struct ts_cuda_stream {
  void* native;
  int32_t device;
  int32_t id;
} ts_cuda_stream;

/** Kinds of ts_profile_event. */
typedef enum ts_profile_kind { TS_PROFILE_OPERATOR = 0, TS_PROFILE_NODE = 1, TS_PROFILE_RANGE = 2 } ts_profile_kind;

/** See ts::ProfileEvent. Times are in nanoseconds since the profiler was started; `name` is never freed. */
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

/** See ts::ProfileRow. Times are in nanoseconds; `name` is valid as long as the profile. */
typedef struct ts_profile_row {
  const char* name;
  int64_t calls;
  int64_t total_time;
  int64_t self_time;
  int64_t self_bytes;
  int32_t kind;
} ts_profile_row;

/** Called once, when `user` is no longer needed. */
typedef void (*ts_release_callback)(void* user);

/* ---- Errors and the library ------------------------------------------------------------------------------------- */

/** The message of this thread's last error; valid until its next error. @fast */
TS_API const char* ts_last_error_message(void);
/** The library's version, such as "0.1.0". @fast */
TS_API const char* ts_version(void);
/** The instruction set that kernels use, such as "AVX3_ZEN4". */
TS_API const char* ts_simd_target(void);
/** Sets the message of the error that a callback is about to return; for callbacks that return a status. */
TS_API void ts_set_callback_error(const char* message);

/** The number of threads that kernels use, the caller included. */
TS_API int32_t ts_num_threads(void);
/** Sets that number, on which results do not depend. TS_ERROR_VALUE unless it is in 1..1024. */
TS_API ts_status ts_set_num_threads(int32_t threads);

/** The dtype of new floating tensors for which none is given. @fast */
TS_API int32_t ts_default_dtype(void);
/** TS_ERROR_DTYPE unless the dtype is floating. */
TS_API ts_status ts_set_default_dtype(int32_t dtype);

/** The dtype to which both promote. */
TS_API ts_status ts_promote(int32_t a, int32_t b, int32_t* out);

/* ---- Memory ----------------------------------------------------------------------------------------------------- */

TS_API void ts_allocator_get_stats(ts_allocator_stats* out);
/** Live bytes of all threads, to within 256 KiB per thread; takes no lock. @fast */
TS_API int64_t ts_allocator_live_bytes(void);
/** Makes the present live bytes the peak. */
TS_API void ts_allocator_reset_peak(void);
/** Limits live bytes; 0 removes the limit. An allocation that would exceed it fails with TS_ERROR_OUT_OF_MEMORY. */
TS_API void ts_allocator_set_limit(int64_t bytes);
/** Gives cached memory back to the system. */
TS_API void ts_allocator_release_cached(void);
/** `event` is 0 for allocate, 1 for free, 2 for system allocate, 3 for system free. */
typedef void (*ts_allocator_hook)(void* user, int32_t event, void* data, int64_t bytes);
/** Sets the process's only hook; NULL removes it. It runs on the allocating thread and must not create tensors. */
TS_API void ts_allocator_set_hook(ts_allocator_hook hook, void* user);
/** Frees blocks that nothing uses any more; on any thread, in the middle of an operator. */
typedef void (*ts_allocator_reclaim)(void* user);
/**
 * Sets the process's only such function; NULL removes it. It is called before an allocation is refused because of the
 * limit, which is then tried again. It must not create tensors.
 */
TS_API void ts_allocator_set_reclaim(ts_allocator_reclaim reclaim, void* user);

/* ---- Devices ---------------------------------------------------------------------------------------------------- */

/** Reads "cpu", "cuda" (the thread's current CUDA device) or "cuda:1". TS_ERROR_VALUE for anything else. */
TS_API ts_status ts_device_parse(const char* text, int32_t* out);
/** The device of new tensors for which none is given, on this thread. @fast */
TS_API int32_t ts_default_device(void);
/** Sets it for this thread. TS_ERROR_DEVICE if there is no such device. */
TS_API ts_status ts_set_default_device(int32_t device);

/** Whether there is a CUDA device that can be used. The first call loads the backend; see ts::cuda::is_available. */
TS_API int32_t ts_cuda_is_available(void);
/** Why there is none; an empty text if there is one. The caller frees *out with ts_string_free. */
TS_API ts_status ts_cuda_why_not(char** out);
/** The number of CUDA devices; 0 if CUDA is not available. */
TS_API int32_t ts_cuda_device_count(void);
TS_API ts_status ts_cuda_get_properties(int32_t index, ts_cuda_properties* out);
TS_API ts_status ts_cuda_get_memory(int32_t index, ts_cuda_memory* out);
/** Live bytes on all CUDA devices; takes no lock. @fast */
TS_API int64_t ts_cuda_live_bytes(void);
TS_API ts_status ts_cuda_reset_peak(int32_t index);
/** Limits live and cached bytes of a device; 0 removes the limit. */
TS_API ts_status ts_cuda_set_memory_limit(int32_t index, int64_t bytes);
/** Gives cached memory of all CUDA devices, and cached pinned memory, back to the system. */
TS_API ts_status ts_cuda_empty_cache(void);
/** Waits until all work of the device is done, then raises the error in data that occurred, if any. */
TS_API ts_status ts_cuda_synchronize(int32_t index);
/** The CUDA device that "cuda" stands for on this thread. @fast */
TS_API int32_t ts_cuda_current_device(void);
/** TS_ERROR_DEVICE if there is no such device. */
TS_API ts_status ts_cuda_set_current_device(int32_t index);

/** A stream from the device's pool; see ts::cuda::Stream. `high_priority` is a boolean. */
TS_API ts_status ts_cuda_stream_create(int32_t index, int32_t high_priority, ts_cuda_stream* out);
/** The stream to which this thread's work on the device goes. */
TS_API ts_status ts_cuda_stream_current(int32_t index, ts_cuda_stream* out);
/** Makes this thread's work on the stream's device go there. */
TS_API ts_status ts_cuda_stream_set_current(ts_cuda_stream stream);
/** Waits until the stream's work is done, then raises the error in data that occurred, if any. */
TS_API ts_status ts_cuda_stream_synchronize(ts_cuda_stream stream);
/** Whether all work of the stream is done. */
TS_API ts_status ts_cuda_stream_is_idle(ts_cuda_stream stream, int32_t* out);

/** An event that has not been recorded, freed with ts_cuda_event_free; see ts::cuda::Event. */
TS_API ts_status ts_cuda_event_create(int32_t index, int32_t timing, ts_cuda_event* out);
TS_API void ts_cuda_event_free(ts_cuda_event event);
/** Marks the present end of the stream's work. */
TS_API ts_status ts_cuda_event_record(ts_cuda_event event, ts_cuda_stream stream);
/** Makes later work of the stream wait for the event. */
TS_API ts_status ts_cuda_event_wait(ts_cuda_event event, ts_cuda_stream stream);
/** Waits on this thread. */
TS_API ts_status ts_cuda_event_synchronize(ts_cuda_event event);
TS_API ts_status ts_cuda_event_is_done(ts_cuda_event event, int32_t* out);
/** Milliseconds between two events that were created with timing and are done. */
TS_API ts_status ts_cuda_event_elapsed(ts_cuda_event begin, ts_cuda_event end, double* milliseconds);

/* ---- Tensors ---------------------------------------------------------------------------------------------------- */

/** Returns a new reference to the same tensor. @fast */
TS_API ts_tensor ts_tensor_retain(ts_tensor self);
/** Gives a reference back; NULL is allowed. */
TS_API void ts_tensor_release(ts_tensor self);

/** A dense tensor with a copy of the product(sizes) elements at `data`, or uninitialized if data is NULL. */
TS_API ts_status ts_tensor_create(const void* data, const int64_t* sizes, int32_t ndim, int32_t dtype, int32_t device,
                                  ts_tensor* out);
/** A dense tensor that borrows `data` until the last tensor that uses it is gone, then calls release(user). */
TS_API ts_status ts_tensor_from_blob(void* data, const int64_t* sizes, int32_t ndim, int32_t dtype,
                                     ts_release_callback release, void* user, ts_tensor* out);
/** A 0-d tensor that holds `value`, converted to `dtype`. */
TS_API ts_status ts_tensor_from_scalar(ts_scalar value, int32_t dtype, int32_t device, ts_tensor* out);

/** @fast */
TS_API void ts_tensor_get_info(ts_tensor self, ts_tensor_info* out);
/** The value of a tensor with exactly one element; TS_ERROR_VALUE otherwise. */
TS_API ts_status ts_tensor_item(ts_tensor self, ts_scalar* out);
/** Copies all elements in row-major order to `data`, a buffer of `bytes` = numel * item size bytes. */
TS_API ts_status ts_tensor_copy_to(ts_tensor self, void* data, int64_t bytes);
/** self[entries]: a view or, if there are tensors among the entries, a copy of the elements that they select. */
TS_API ts_status ts_tensor_index(ts_tensor self, const ts_index_entry* entries, int32_t count, ts_tensor* out);
/** Sets self[entries] to values, broadcast and converted, or adds them if `accumulate`; recorded by autograd. */
TS_API ts_status ts_tensor_index_put_(ts_tensor self, const ts_index_entry* entries, int32_t count, ts_tensor values,
                                      int32_t accumulate);
/** Whether the tensor's memory is pinned host memory. @fast */
TS_API int32_t ts_tensor_is_pinned(ts_tensor self);
/** Says that a stream other than the one where the tensor was made uses its memory, which is not reused before. */
TS_API ts_status ts_tensor_record_stream(ts_tensor self, ts_cuda_stream stream);
/** Whether both are the same tensor object. @fast */
TS_API int32_t ts_tensor_is_same(ts_tensor a, ts_tensor b);
/** How often the data has been changed in place. @fast */
TS_API int64_t ts_tensor_version(ts_tensor self);
/** The tensor as text, the way PyTorch prints it. The caller frees *out with ts_string_free. */
TS_API ts_status ts_tensor_to_string(ts_tensor self, char** out);
/** Frees a text that the library returned; NULL is allowed. */
TS_API void ts_string_free(char* text);

/** @fast */
TS_API int32_t ts_tensor_list_size(ts_tensor_list list);
/** A new reference to entry i; NULL if the entry is undefined. */
TS_API ts_tensor ts_tensor_list_get(ts_tensor_list list, int32_t i);
TS_API void ts_tensor_list_free(ts_tensor_list list);
/** Appends `tensor`, to which the list takes a new reference; for callbacks that return a list. */
TS_API ts_status ts_tensor_list_append(ts_tensor_list list, ts_tensor tensor);

/* ---- Random numbers --------------------------------------------------------------------------------------------- */

/** Seeds the default generator. */
TS_API void ts_manual_seed(uint64_t seed);
/** The default generator's seed and its position in the stream. */
TS_API void ts_random_get_state(uint64_t* seed, uint64_t* offset);
TS_API void ts_random_set_state(uint64_t seed, uint64_t offset);

/** A new generator, to be released with ts_generator_release; NULL if there is no memory left. */
TS_API ts_generator ts_generator_create(uint64_t seed);
TS_API void ts_generator_release(ts_generator generator);
/** The generator's seed and its position in the stream. */
TS_API void ts_generator_get_state(ts_generator generator, uint64_t* seed, uint64_t* offset);
TS_API void ts_generator_set_state(ts_generator generator, uint64_t seed, uint64_t offset);
/**
 * Makes operators draw from `generator` on this thread, or from the default generator if it is NULL. Returns a
 * reference to the former generator, NULL for the default one, to be passed to ts_generator_restore or released.
 */
TS_API ts_generator ts_generator_use(ts_generator generator);
/** Makes this thread use the generator that ts_generator_use returned, and releases that reference. */
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
/** Whether autocast is on for this thread. @fast */
TS_API int32_t ts_autocast_enabled(void);
/** The type to which it lowers operators; -1 where it is off. @fast */
TS_API int32_t ts_autocast_dtype(void);
/** Begins a scope that lowers operators to a half type or, for -1, none; `former` is for ts_autocast_end. */
TS_API ts_status ts_autocast_begin(int32_t dtype, int32_t* former);
/** Ends the scope that this thread began last; the outermost one frees the converted parameters. */
TS_API void ts_autocast_end(int32_t former);
/** Called when anomaly mode records a node. Returns text for later errors, which is valid until its next call. */
typedef const char* (*ts_trace_callback)(void* user);
/** For the whole process; see ts::set_anomaly_mode. `trace` may be NULL. */
TS_API void ts_set_anomaly_mode(int32_t enabled, int32_t check_nan, ts_trace_callback trace, void* user);
/** @fast */
TS_API int32_t ts_anomaly_enabled(void);

TS_API int32_t ts_tensor_requires_grad(ts_tensor self);
TS_API ts_status ts_tensor_set_requires_grad(ts_tensor self, int32_t value);
TS_API int32_t ts_tensor_is_leaf(ts_tensor self);
TS_API int32_t ts_tensor_is_view(ts_tensor self);
/** The accumulated gradient; NULL if there is none. */
TS_API ts_status ts_tensor_grad(ts_tensor self, ts_tensor* out);
/** Replaces the gradient; NULL removes it. */
TS_API ts_status ts_tensor_set_grad(ts_tensor self, ts_tensor grad);
/** Makes backward passes store the gradient although the tensor is not a leaf. */
TS_API ts_status ts_tensor_retain_grad(ts_tensor self);
/**
 * Gives self the data of source: storage, shape, strides and dtype, which the two then share. Not recorded. A gradient
 * of another dtype or shape is removed. An error unless self is a leaf.
 */
TS_API ts_status ts_tensor_set_data(ts_tensor self, ts_tensor source);
/** A tensor that shares the data but has no history and requires no gradient. */
TS_API ts_status ts_tensor_detach(ts_tensor self, ts_tensor* out);
/** The node of the operation that computed self; NULL for a leaf. Released with ts_node_release. */
TS_API ts_status ts_tensor_grad_fn(ts_tensor self, ts_node* out);

/** Adds gradients to those of the leaves; see ts::backward. `gradients`, or any of its entries, may be NULL. */
TS_API ts_status ts_backward(const ts_tensor* outputs, int32_t outputs_count, const ts_tensor* gradients,
                             int32_t retain_graph, int32_t create_graph);
/** Gradients of outputs with respect to inputs; see ts::grad. */
TS_API ts_status ts_autograd_grad(const ts_tensor* outputs, int32_t outputs_count, const ts_tensor* inputs,
                                  int32_t inputs_count, const ts_tensor* gradients, int32_t retain_graph,
                                  int32_t create_graph, int32_t allow_unused, ts_tensor_list* out);

/** Receives a borrowed gradient. Writes a new reference to its replacement, or leaves *replacement NULL. */
typedef ts_status (*ts_tensor_hook)(void* user, ts_tensor grad, ts_tensor* replacement);
/** Calls `hook` whenever the gradient of self has been computed. *id is for ts_tensor_remove_hook. */
TS_API ts_status ts_tensor_register_hook(ts_tensor self, ts_tensor_hook hook, ts_release_callback release, void* user,
                                         int64_t* id);
TS_API ts_status ts_tensor_remove_hook(ts_tensor self, int64_t id);

TS_API void ts_node_release(ts_node node);
/** The node's name, such as "SoftmaxBackward"; valid as long as the node. */
TS_API const char* ts_node_name(ts_node node);
TS_API int32_t ts_node_edge_count(ts_node node);
/** A new reference to the node that edge i leads to; NULL if no gradient flows there. */
TS_API ts_node ts_node_edge(ts_node node, int32_t i);
/** Receives borrowed lists of gradients, which it cannot replace. Before the node runs, grad_inputs is empty. */
typedef ts_status (*ts_node_hook)(void* user, ts_tensor_list grad_inputs, ts_tensor_list grad_outputs);
/** Calls `hook` before the node runs if `before`, otherwise after. *id is for ts_node_remove_hook. */
TS_API ts_status ts_node_register_hook(ts_node node, int32_t before, ts_node_hook hook, ts_release_callback release,
                                       void* user, int64_t* id);
TS_API ts_status ts_node_remove_hook(ts_node node, int64_t id);

/** Called with recording off. Writes outputs_count new references to `outputs`. */
typedef ts_status (*ts_function_forward)(void* user, ts_context context, ts_tensor* outputs);
/** Entries of grad_outputs are borrowed and may be NULL. Writes a new reference or NULL for each input. */
typedef ts_status (*ts_function_backward)(void* user, ts_context context, const ts_tensor* grad_outputs,
                                          int32_t grad_outputs_count, ts_tensor* grad_inputs);
/**
 * Calls a custom autograd function. `forward` is called once, before this call returns; `backward` is called once in
 * each backward pass, with the same context, on the thread that runs the pass. release(user) is called when the graph
 * no longer needs the function.
 */
TS_API ts_status ts_function_apply(const char* name, const ts_tensor* inputs, int32_t inputs_count,
                                   int32_t outputs_count, ts_function_forward forward, ts_function_backward backward,
                                   ts_release_callback release, void* user, ts_tensor* outputs);
/** In forward: keeps tensors for backward. */
TS_API ts_status ts_context_save(ts_context context, const ts_tensor* tensors, int32_t count);
/** In backward: the saved tensors. TS_ERROR_AUTOGRAD if one was changed in place since. */
TS_API ts_status ts_context_saved(ts_context context, ts_tensor_list* out);
/** Whether input i of the function requires a gradient. */
TS_API int32_t ts_context_needs_input_grad(ts_context context, int32_t i);
/** In forward: says that these outputs have no gradient. */
TS_API ts_status ts_context_mark_non_differentiable(ts_context context, const ts_tensor* tensors, int32_t count);

/** A checkpointed function. Appends its results to `outputs`. Entries of `inputs` are borrowed and may be NULL. */
typedef ts_status (*ts_checkpoint_function)(void* user, const ts_tensor* inputs, int32_t inputs_count,
                                            ts_tensor_list outputs);
/**
 * Calls a function whose intermediate results are not kept: the backward pass calls it again; see ts::checkpoint.
 * release(user) is called when the graph no longer needs the function.
 */
TS_API ts_status ts_checkpoint(const ts_tensor* inputs, int32_t inputs_count, ts_checkpoint_function function,
                               ts_release_callback release, void* user, ts_tensor_list* out);

/* ---- Graphs as text, and the profiler ---------------------------------------------------------------------------- */

/**
 * The graph that leads to self as text: a Mermaid flowchart if `mermaid`, otherwise DOT; see ts::graph_to_dot. The
 * `count` entries of `names` label those of `tensors`, usually a model's parameters. At most max_nodes nodes are drawn.
 * The caller frees *out with ts_string_free.
 */
TS_API ts_status ts_tensor_graph(ts_tensor self, int32_t mermaid, const char* const* names, const ts_tensor* tensors,
                                 int32_t count, int64_t max_nodes, char** out);

/** Starts the process's profiler; see ts::profiler. TS_ERROR_NOT_SUPPORTED if it is running already. */
TS_API ts_status ts_profiler_start(void);
/** Stops the profiler. The caller frees *out with ts_profile_release. */
TS_API ts_status ts_profiler_stop(ts_profile* out);
/** The events recorded so far; the profiler continues. */
TS_API ts_status ts_profiler_snapshot(ts_profile* out);
TS_API int32_t ts_profiler_running(void);
/** Begins a named range on this thread. */
TS_API ts_status ts_profiler_push_range(const char* name);
/** Ends the range that this thread began last. */
TS_API ts_status ts_profiler_pop_range(void);
TS_API void ts_profile_release(ts_profile profile);
TS_API int64_t ts_profile_event_count(ts_profile profile);
/** Event i, which must exist. */
TS_API void ts_profile_get_event(ts_profile profile, int64_t i, ts_profile_event* out);
TS_API int32_t ts_profile_row_count(ts_profile profile);
/** Row i, which must exist. A row sums up all calls of one name; rows are in descending order of self_time. */
TS_API void ts_profile_get_row(ts_profile profile, int32_t i, ts_profile_row* out);
/** The first `limit` rows as a table, all if it is 0. The caller frees *out with ts_string_free. */
TS_API ts_status ts_profile_table(ts_profile profile, int64_t limit, char** out);
/** The events as JSON in the Trace Event Format. The caller frees *out with ts_string_free. */
TS_API ts_status ts_profile_trace(ts_profile profile, char** out);

/* ---- Plugins ---------------------------------------------------------------------------------------------------- */

/** Loads a shared library with operators, which is never unloaded; see torchscratch/plugin.h. */
TS_API ts_status ts_plugin_load(const char* path, ts_plugin* out);
/** The plugin's name, which stands before the names of its operators. */
TS_API const char* ts_plugin_name(ts_plugin plugin);
TS_API int32_t ts_plugin_operator_count(ts_plugin plugin);
/** Operator i, which must exist. */
TS_API ts_operator ts_plugin_operator(ts_plugin plugin, int32_t i);
/** Finds an operator of any plugin by its full name, such as "my::swish". */
TS_API ts_status ts_operator_find(const char* name, ts_operator* out);
TS_API const char* ts_operator_name(ts_operator self);
TS_API const char* ts_operator_doc(ts_operator self);
/** Name and parameters, such as "my::swish(Tensor, double)". The caller frees *out with ts_string_free. */
TS_API ts_status ts_operator_signature(ts_operator self, char** out);
/** Calls an operator. Tensors and numbers are each in the order of the operator's parameters. */
TS_API ts_status ts_operator_call(ts_operator self, const ts_tensor* tensors, int32_t tensors_count,
                                  const ts_scalar* numbers, int32_t numbers_count, ts_tensor_list* out);

/* ---- Files ------------------------------------------------------------------------------------------------------ */

/**
 * Writes a .safetensors file. It replaces an old one only when it is complete. `metadata` is a JSON object whose values
 * are strings, or NULL.
 */
TS_API ts_status ts_safetensors_save(const char* path, const char* const* names, const ts_tensor* tensors,
                                     int32_t count, const char* metadata);
/**
 * Reads a .safetensors file into tensors on `device`. *names contains the names of the tensors, one after the other in the order of the list and
 * each followed by a zero byte; *metadata is a JSON object, "{}" if the file has no metadata. The caller frees both
 * with ts_string_free.
 */
TS_API ts_status ts_safetensors_load(const char* path, int32_t device, ts_tensor_list* tensors, char** names,
                                     char** metadata);

/* ---- Operators, generated from the op table --------------------------------------------------------------------- */

#ifndef TORCHSCRATCH_C_API_WITHOUT_OPERATORS
#include "torchscratch/c_api_ops.g.h"
#endif

#ifdef __cplusplus
}
#endif

#endif
