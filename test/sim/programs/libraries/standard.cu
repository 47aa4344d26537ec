// compile: sm_75 nvcc library
// What libcu++ and Thrust have of the standard library, in each thread: complex numbers, arrays, sorting and searching.
#include <cuda/std/array>
#include <cuda/std/bit>
#include <cuda/std/complex>
#include <cuda/std/optional>
#include <cuda/std/tuple>
#include <thrust/binary_search.h>
#include <thrust/execution_policy.h>
#include <thrust/scan.h>
#include <thrust/sort.h>

extern "C" __global__ void sortAndSearch(int *x, const int *wanted, int *places, int *sums, int each) {
  int *own = x + threadIdx.x * each;
  thrust::sort(thrust::seq, own, own + each);
  places[threadIdx.x] = (int)(thrust::lower_bound(thrust::seq, own, own + each, wanted[threadIdx.x]) - own);
  thrust::inclusive_scan(thrust::seq, own, own + each, sums + threadIdx.x * each);
}

__device__ cuda::std::optional<unsigned> powerOfTwo(unsigned v) {
  if (!cuda::std::has_single_bit(v))
    return cuda::std::nullopt;
  return cuda::std::countr_zero(v);
}

extern "C" __global__ void numbers(const double *x, double *y, const unsigned *bits, int *exponents) {
  int t = threadIdx.x;
  cuda::std::complex<double> a(x[4 * t], x[4 * t + 1]), b(x[4 * t + 2], x[4 * t + 3]), c = a * b + conj(a) - b * 2.0;
  cuda::std::array<double, 2> parts = {c.real(), c.imag()};
  auto [real, imag] = cuda::std::make_tuple(parts[0], parts[1]);
  y[2 * t] = real;
  y[2 * t + 1] = imag;
  exponents[t] = powerOfTwo(bits[t]).value_or(99);
}
