// compile: sm_80 nvcc library
// The matrix functions of mma.h: fragments as objects, filled and changed element by element.
#include <mma.h>
using namespace nvcuda::wmma;

extern "C" __global__ void scaledSum(const __half *a, const __half *b, const float *c, float *d, float alpha, float beta) {
  fragment<matrix_a, 16, 16, 16, __half, row_major> fa;
  fragment<matrix_b, 16, 16, 16, __half, col_major> fb;
  fragment<accumulator, 16, 16, 16, float> sum, old;
  fill_fragment(sum, 0.0f);
  for (int k = 0; k < 48; k += 16) {
    load_matrix_sync(fa, a + k, 48);
    load_matrix_sync(fb, b + k, 48);
    mma_sync(sum, fa, fb, sum);
  }
  load_matrix_sync(old, c, 16, mem_col_major);
  for (int i = 0; i < sum.num_elements; ++i)
    sum.x[i] = alpha * sum.x[i] + beta * old.x[i];
  store_matrix_sync(d, sum, 16, mem_row_major);
}

extern "C" __global__ void singleBits(const unsigned *a, const unsigned *b, int *d) {
  fragment<matrix_a, 8, 8, 128, experimental::precision::b1, row_major> fa;
  fragment<matrix_b, 8, 8, 128, experimental::precision::b1, col_major> fb;
  fragment<accumulator, 8, 8, 128, int> sum;
  fill_fragment(sum, 5);
  load_matrix_sync(fa, a, 128);
  load_matrix_sync(fb, b, 128);
  bmma_sync(sum, fa, fb, sum, experimental::bmmaBitOpAND);
  store_matrix_sync(d, sum, 8, mem_row_major);
}

extern "C" __global__ void roundedToTF32(const float *a, const float *b, float *d) {
  fragment<matrix_a, 16, 16, 8, precision::tf32, row_major> fa;
  fragment<matrix_b, 16, 16, 8, precision::tf32, row_major> fb;
  fragment<accumulator, 16, 16, 8, float> sum;
  fill_fragment(sum, 0);
  load_matrix_sync(fa, a, 8);
  load_matrix_sync(fb, b, 16);
  for (int i = 0; i < fa.num_elements; ++i)
    fa.x[i] = __float_to_tf32(fa.x[i]);
  for (int i = 0; i < fb.num_elements; ++i)
    fb.x[i] = __float_to_tf32(fb.x[i]);
  mma_sync(sum, fa, fb, sum);
  store_matrix_sync(d, sum, 16, mem_row_major);
}
