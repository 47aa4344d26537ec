// Layer normalisation of rows of f16 with f32 sums, by Welford's update in each thread, and pairs of results a store.
#include "../support.cuh"

extern "C" __global__ void layerNorm(const unsigned short *x, const float *weight, const float *bias, unsigned *y, int columns, float epsilon) {
  __shared__ float sums[8], squares[8];
  const unsigned short *row = x + blockIdx.x * columns;
  float sum = 0, square = 0;
  for (int i = threadIdx.x; i < columns; i += blockDim.x)
    sum += fromF16(row[i]);
  for (int step = 16; step; step /= 2)
    sum += __shfl_xor_sync(~0u, sum, step);
  if (threadIdx.x % 32 == 0)
    sums[threadIdx.x / 32] = sum;
  __syncthreads();
  sum = 0;
  for (int w = 0; w < blockDim.x / 32; ++w)
    sum += sums[w];
  float mean = sum / columns;
  for (int i = threadIdx.x; i < columns; i += blockDim.x) {
    float d = fromF16(row[i]) - mean;
    square += d * d;
  }
  for (int step = 16; step; step /= 2)
    square += __shfl_xor_sync(~0u, square, step);
  if (threadIdx.x % 32 == 0)
    squares[threadIdx.x / 32] = square;
  __syncthreads();
  square = 0;
  for (int w = 0; w < blockDim.x / 32; ++w)
    square += squares[w];
  float scale = __frcp_rn(__fsqrt_rn(square / columns + epsilon));
  for (int i = threadIdx.x; i < columns / 2; i += blockDim.x) {
    float low = (fromF16(row[2 * i]) - mean) * scale * weight[2 * i] + bias[2 * i];
    float high = (fromF16(row[2 * i + 1]) - mean) * scale * weight[2 * i + 1] + bias[2 * i + 1];
    y[blockIdx.x * columns / 2 + i] = packF16(low, high);
  }
}
