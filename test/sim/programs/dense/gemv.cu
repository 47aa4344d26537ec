// y = a @ x of f32: a warp a row, vectors of four where the row is aligned.

extern "C" __global__ void gemv(const float *a, const float *x, float *y, int rows, int columns) {
  int row = blockIdx.x * blockDim.y + threadIdx.y, lane = threadIdx.x;
  if (row >= rows)
    return;
  const float *line = a + (size_t)row * columns;
  float sum = 0;
  int at = 0;
  if (columns % 4 == 0)
    for (; at + 128 <= columns; at += 128) {
      float4 v = reinterpret_cast<const float4 *>(line + at)[lane], w = reinterpret_cast<const float4 *>(x + at)[lane];
      sum += v.x * w.x + v.y * w.y + v.z * w.z + v.w * w.w;
    }
  for (int i = at + lane; i < columns; i += 32)
    sum = fmaf(line[i], x[i], sum);
  for (int step = 16; step; step >>= 1)
    sum += __shfl_xor_sync(0xFFFFFFFFu, sum, step);
  if (lane == 0)
    y[row] = sum;
}
