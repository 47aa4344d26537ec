// Bug: warps store their tiles eight columns apart, and a tile has sixteen.
// Report: race
// Launch: --grid=1 --block=64
// in f16 a = rng.integers(-4, 5, (16, 16))
// in f16 b = rng.integers(-4, 5, (16, 32))
// out f32 c = a.astype(np.float32) @ b.astype(np.float32)
#include "ptx.h"
#include <mma.h>

using namespace nvcuda::wmma;

template <bool isBroken> __device__ void kernel(const __half *a, const __half *b, float *c) {
  int warp = threadIdx.x / 32;
  fragment<matrix_a, 16, 16, 16, __half, row_major> fa;
  fragment<matrix_b, 16, 16, 16, __half, row_major> fb;
  fragment<accumulator, 16, 16, 16, float> fc;
  fill_fragment(fc, 0.0f);
  load_matrix_sync(fa, a, 16);
  load_matrix_sync(fb, b + 16 * warp, 32);
  mma_sync(fc, fa, fb, fc);
  store_matrix_sync(c + (isBroken ? 8 : 16) * warp, fc, 32, mem_row_major); // race
}

KERNELS((const __half *a, const __half *b, float *c), a, b, c)
