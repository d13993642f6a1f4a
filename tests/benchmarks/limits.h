// What the machine can do, measured: the figures that results are a share of.
#pragma once

namespace limits {

/// Fused multiply-adds of float32 vectors in registers, on `threads` threads, in FLOP/s.
double fma_peak(int threads);

/// Bytes read and written per second by a copy between two existing buffers far larger than the caches.
double copy_bandwidth(int threads);

}  // namespace limits
