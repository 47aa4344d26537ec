// y = W x with weights of four bits: groups of 32 share a scale and a zero point; eight weights a word.

extern "C" __global__ void gemv(const unsigned *weights, const float *scales, const unsigned char *zeros, const float *x, float *y, int columns) {
  int row = blockIdx.x, groups = columns / 32;
  float sum = 0;
  for (int w = threadIdx.x; w < columns / 8; w += 32) {
    unsigned word = weights[row * columns / 8 + w];
    int group = row * groups + w / 4, zero = zeros[group];
    float part = 0;
#pragma unroll
    for (int i = 0; i < 8; ++i)
      part += (float)((int)(word >> 4 * i & 15) - zero) * x[w * 8 + i];
    sum += part * scales[group];
  }
  for (int step = 16; step; step /= 2)
    sum += __shfl_xor_sync(~0u, sum, step);
  if (threadIdx.x == 0)
    y[row] = sum;
}
