// LAPACK, which provides the factorizations behind the linear algebra operators, loaded at run time.
//
// The library neither links to LAPACK nor ships it. Without it everything builds and runs except the operators that
// factor matrices, which throw a DeviceError that names the package to install. A routine takes pointers for all
// arguments and matrices stored by columns. After its last argument come the lengths of its string arguments, which
// Fortran compilers expect and others ignore.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace ts::lapack {

/// Fortran's INTEGER, as in the builds that Linux distributions ship.
using Int = int;

/// The routines for float or double. `info` is 0, -i if argument i is invalid, or a positive number specific to
/// the routine.
template <class T>
struct Routines {
  /// Cholesky factor of the triangle uplo, in place.
  void (*potrf)(const char* uplo, const Int* n, T* a, const Int* lda, Int* info, std::size_t);
  /// LU factors with partial pivoting, in place.
  void (*getrf)(const Int* m, const Int* n, T* a, const Int* lda, Int* pivots, Int* info);
  /// Solves a linear system with the factors of getrf; the solution replaces b.
  void (*getrs)(const char* trans, const Int* n, const Int* columns, const T* a, const Int* lda, const Int* pivots,
                T* b, const Int* ldb, Int* info, std::size_t);
  /// The inverse from the factors of getrf, which it replaces.
  void (*getri)(const Int* n, T* a, const Int* lda, const Int* pivots, T* work, const Int* lwork, Int* info);
  /// R on and above the diagonal, Householder vectors below it.
  void (*geqrf)(const Int* m, const Int* n, T* a, const Int* lda, T* tau, T* work, const Int* lwork, Int* info);
  /// The first n columns of Q from k Householder vectors of geqrf, which they replace.
  void (*orgqr)(const Int* m, const Int* n, const Int* k, T* a, const Int* lda, const T* tau, T* work, const Int* lwork,
                Int* info);
  /// Eigenvalues in ascending order and eigenvectors of a symmetric matrix, in place.
  void (*syevd)(const char* jobz, const char* uplo, const Int* n, T* a, const Int* lda, T* w, T* work, const Int* lwork,
                Int* iwork, const Int* liwork, Int* info, std::size_t, std::size_t);
  /// Singular values in descending order and singular vectors; destroys a. iwork has 8 min(m, n) elements.
  void (*gesdd)(const char* jobz, const Int* m, const Int* n, T* a, const Int* lda, T* s, T* u, const Int* ldu, T* vt,
                const Int* ldvt, T* work, const Int* lwork, Int* iwork, Int* info, std::size_t);
};

struct Library {
  Routines<float> single;
  Routines<double> wide;
  /// OpenMP's functions if the BLAS is built on OpenMP, else null. The number of threads is a setting of each
  /// calling thread.
  void (*set_threads)(int) = nullptr;
  int (*threads)() = nullptr;
};

/// Loads the first of `names` that can be loaded and has every routine. Throws DeviceError, listing what was tried, if
/// there is none. A BLAS with threads of its own is set to use one, since batches are already shared among our threads.
Library load(const std::vector<std::string>& names);

/// The library that this process uses, loaded at the first call: $TORCHSCRATCH_LAPACK if that is set, else
/// the system's.
const Library& library();

template <class T>
const Routines<T>& routines() {
  if constexpr (sizeof(T) == sizeof(float)) return library().single;
  else return library().wide;
}

/// During its lifetime, routines called by this thread use no other threads, so that results do not depend on the
/// number of threads. Afterwards the thread's OpenMP setting is restored.
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
