// LAPACK, the factorizations behind the linear algebra operators, found at run time.
//
// The library neither links nor ships it: without it everything builds and runs but the operators that factor matrices,
// which throw a DeviceError that names the package to install. A routine takes pointers to everything, matrices column
// by column, and behind its last argument the lengths of its texts, which compilers of Fortran expect and others
// ignore.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace ts::lapack {

/// Fortran's INTEGER in the builds that distributions ship.
using Int = int;

/// One routine each, for float or double. `info` is 0, -i for a bad argument i, or what the routine says of the matrix.
template <class T>
struct Routines {
  /// Cholesky factor of the triangle uplo, in place.
  void (*potrf)(const char* uplo, const Int* n, T* a, const Int* lda, Int* info, std::size_t);
  /// LU factors with partial pivoting, in place.
  void (*getrf)(const Int* m, const Int* n, T* a, const Int* lda, Int* pivots, Int* info);
  /// Solves by the factors of getrf, in place of b.
  void (*getrs)(const char* trans, const Int* n, const Int* columns, const T* a, const Int* lda, const Int* pivots,
                T* b, const Int* ldb, Int* info, std::size_t);
  /// The inverse from the factors of getrf, in their place.
  void (*getri)(const Int* n, T* a, const Int* lda, const Int* pivots, T* work, const Int* lwork, Int* info);
  /// R above the diagonal, Householder vectors below it.
  void (*geqrf)(const Int* m, const Int* n, T* a, const Int* lda, T* tau, T* work, const Int* lwork, Int* info);
  /// The first n columns of Q from k vectors of geqrf, in their place.
  void (*orgqr)(const Int* m, const Int* n, const Int* k, T* a, const Int* lda, const T* tau, T* work, const Int* lwork,
                Int* info);
  /// Eigenvalues, ascending, and vectors of a symmetric matrix, in place.
  void (*syevd)(const char* jobz, const char* uplo, const Int* n, T* a, const Int* lda, T* w, T* work, const Int* lwork,
                Int* iwork, const Int* liwork, Int* info, std::size_t, std::size_t);
  /// Singular values, descending, and vectors; destroys a. iwork has 8 min(m, n) elements.
  void (*gesdd)(const char* jobz, const Int* m, const Int* n, T* a, const Int* lda, T* s, T* u, const Int* ldu, T* vt,
                const Int* ldvt, T* work, const Int* lwork, Int* iwork, Int* info, std::size_t);
};

struct Library {
  Routines<float> single;
  Routines<double> wide;
  /// OpenMP's, of a BLAS built on it; else null. The number is each thread's own.
  void (*set_threads)(int) = nullptr;
  int (*threads)() = nullptr;
};

/// The first of `names` that can be loaded and has every routine; throws DeviceError, saying what was tried, when none
/// has. A BLAS that brings threads of its own is told to use one: batches are shared out among the core's.
Library load(const std::vector<std::string>& names);

/// The library of this process, loaded at the first call: $TORCHSCRATCH_LAPACK if it is set, else the system's.
const Library& library();

template <class T>
const Routines<T>& routines() {
  if constexpr (sizeof(T) == sizeof(float)) return library().single;
  else return library().wide;
}

/// While it lives, routines called by this thread take no other threads, so that results do not depend on how many
/// there are; then the thread's number for OpenMP is what it was.
class OneThread {
 public:
  OneThread();
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;
  ~OneThread();

 private:
  int before_ = 0;
};

}  // namespace ts::lapack
