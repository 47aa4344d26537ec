// compile: sm_80
// Sums of columns: two tiles of rows, of which one comes while the other is used; each thread reads what others copied.
#include "../support.cuh"

extern "C" __global__ void columnSums(const float *x, float *y, int rows, int columns) {
  __shared__ __align__(16) float tiles[2][8][64];
  int t = threadIdx.x, column = blockIdx.x * 64;
  auto fetch = [&](int i) {
    // 8 rows of 16 pieces, two a thread.
    for (int j = t; j < 128; j += 64)
      if (i * 8 + j / 16 < rows)
        copyAsync16(&tiles[i & 1][j / 16][j % 16 * 4], x + (i * 8 + j / 16) * columns + column + j % 16 * 4);
    commitCopies();
  };
  int count = (rows + 7) / 8;
  float sum = 0;
  fetch(0);
  for (int i = 0; i < count; ++i) {
    if (i + 1 < count) {
      fetch(i + 1);
      awaitCopies<1>();
    } else {
      awaitCopies<0>();
    }
    __syncthreads();
    for (int r = 0; r < min(8, rows - i * 8); ++r)
      sum += tiles[i & 1][r][t];
    __syncthreads();
  }
  y[column + t] = sum;
}
