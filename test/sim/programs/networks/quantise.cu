// Rows of f32 become bytes with a scale for each row, rounded to nearest even and saturated; four a store.

extern "C" __global__ void quantise(const float *x, unsigned *y, float *scales, int columns) {
  __shared__ unsigned most;
  const float *row = x + blockIdx.x * columns;
  if (threadIdx.x == 0)
    most = 0;
  __syncthreads();
  unsigned mine = 0;
  for (int i = threadIdx.x; i < columns; i += blockDim.x)
    mine = max(mine, __float_as_uint(fabsf(row[i])));
  // Floats that are not negative have the order of their bits.
  atomicMax(&most, mine);
  __syncthreads();
  float scale = __fdiv_rn(__uint_as_float(most), 127);
  for (int i = threadIdx.x; i < columns / 4; i += blockDim.x) {
    unsigned packed = 0;
    for (int j = 0; j < 4; ++j) {
      int q;
      asm("cvt.rni.sat.s8.f32 %0, %1;" : "=r"(q) : "f"(__fdiv_rn(row[4 * i + j], scale)));
      packed |= (q & 255u) << 8 * j;
    }
    y[blockIdx.x * columns / 4 + i] = packed;
  }
  if (threadIdx.x == 0)
    scales[blockIdx.x] = scale;
}
