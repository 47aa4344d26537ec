// What tile-sim runs in tests and in benchmarks. scripts/compile_sim_programs.sh makes the .ptx beside it, with nvcc 13.
// Kernels of one kind of instruction each, whose results are known in closed form or by NumPy.

extern "C" {

/// Integers: `rounds` of a hash on each element.
__global__ void hash(unsigned *x, int n, int rounds) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    return;
  unsigned value = x[i];
  for (int round = 0; round < rounds; ++round) {
    value ^= value >> 16;
    value *= 0x7feb352du;
    value ^= value >> 15;
    value += round;
    value = (value << 7) | (value >> 25);
  }
  x[i] = value;
}

/// f32: x becomes ((x * a + b) * a + b) ..., `rounds` times; differences and products beside it, so that not all is fma.
__global__ void iterate(float *x, int n, int rounds, float a, float b) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    return;
  float value = x[i], other = value;
  for (int round = 0; round < rounds; ++round) {
    value = __fmaf_rn(value, a, b);
    other = __fmul_rn(__fsub_rn(value, other), a);
    value = __fadd_rn(value, other);
  }
  x[i] = value;
}

/// f32 in shared memory: c = a @ b of n x n, 16 x 16 elements a block; n is a multiple of 16.
__global__ void matmulShared(const float *a, const float *b, float *c, int n) {
  __shared__ float as[16][16], bs[16][16];
  int tx = threadIdx.x, ty = threadIdx.y, row = blockIdx.y * 16 + ty, column = blockIdx.x * 16 + tx;
  float sum = 0;
  for (int at = 0; at < n; at += 16) {
    as[ty][tx] = a[row * n + at + tx];
    bs[ty][tx] = b[(at + ty) * n + column];
    __syncthreads();
    for (int k = 0; k < 16; ++k)
      sum += as[ty][k] * bs[k][tx];
    __syncthreads();
  }
  c[row * n + column] = sum;
}

/// f32 in global memory: every inner element becomes the sum of itself and its four neighbours, weighted.
__global__ void stencil(const float *x, float *y, int rows, int columns) {
  int column = blockIdx.x * blockDim.x + threadIdx.x, row = blockIdx.y * blockDim.y + threadIdx.y;
  if (row < 1 || row >= rows - 1 || column < 1 || column >= columns - 1)
    return;
  const float *at = x + row * columns + column;
  y[row * columns + column] = 0.5f * at[0] + 0.125f * (at[-1] + at[1] + at[-columns] + at[columns]);
}
}
