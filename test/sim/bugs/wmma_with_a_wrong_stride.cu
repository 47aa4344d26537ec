// Bug: the stride of the rows is that of the other matrix, and the last rows are beyond the end.
// Report: out of bounds
// Launch: --grid=1 --block=32
// in f16 a = rng.integers(-4, 5, (16, 16))
// in f16 b = rng.integers(-4, 5, (16, 24))
// out f32 c = a.astype(np.float32) @ b[:, 8:].astype(np.float32)
#include "ptx.h"
#include <mma.h>

using namespace nvcuda::wmma;

template <bool isBroken> __device__ void kernel(const __half *a, const __half *b, float *c) {
  fragment<matrix_a, 16, 16, 16, __half, row_major> fa;
  fragment<matrix_b, 16, 16, 16, __half, row_major> fb;
  fragment<accumulator, 16, 16, 16, float> fc;
  fill_fragment(fc, 0.0f);
  load_matrix_sync(fa, a, isBroken ? 24 : 16); // out of bounds
  load_matrix_sync(fb, b + 8, 24);
  mma_sync(fc, fa, fb, fc);
  store_matrix_sync(c, fc, 16, mem_row_major);
}

KERNELS((const __half *a, const __half *b, float *c), a, b, c)
