// Softmax over rows of any length: a pass that keeps the maximum and the sum together, a block a row.
#include "../support.cuh"

struct State {
  float most, sum;
};

__device__ State join(State a, State b) {
  constexpr float kLog2E = 1.44269504f;
  float most = fmaxf(a.most, b.most);
  return {most, a.sum * exp2Approx((a.most - most) * kLog2E) + b.sum * exp2Approx((b.most - most) * kLog2E)};
}

extern "C" __global__ void softmax(const float *x, float *y, int columns) {
  __shared__ State warps[32];
  const float *row = x + (size_t)blockIdx.x * columns;
  // The smallest finite number, of which differences are no NaN.
  State s = {-3.402823e38f, 0};
  for (int i = threadIdx.x; i < columns; i += blockDim.x)
    s = join(s, {row[i], 1});
  for (int step = 16; step; step /= 2)
    s = join(s, {__shfl_xor_sync(~0u, s.most, step), __shfl_xor_sync(~0u, s.sum, step)});
  if (threadIdx.x % 32 == 0)
    warps[threadIdx.x / 32] = s;
  __syncthreads();
  s = warps[0];
  for (int w = 1; w < blockDim.x / 32; ++w)
    s = join(s, warps[w]);
  for (int i = threadIdx.x; i < columns; i += blockDim.x)
    y[(size_t)blockIdx.x * columns + i] = exp2Approx((row[i] - s.most) * 1.44269504f) / s.sum;
}
