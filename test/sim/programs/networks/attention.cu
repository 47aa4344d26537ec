// Attention without the matrix of scores: a warp a query, keys and values by tiles of 32 in shared memory, the softmax's
// maximum and sum carried along.
#include "../support.cuh"

constexpr int kDepth = 16;

extern "C" __global__ void attention(const float *q, const float *k, const float *v, float *out, int queries, int keys, int isCausal) {
  __shared__ float ks[32][kDepth + 1], vs[32][kDepth + 1];
  int lane = threadIdx.x % 32, row = blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32;
  float query[kDepth], most = -3.402823e38f, sum = 0, result = 0;
  for (int d = 0; d < kDepth; ++d)
    query[d] = row < queries ? q[row * kDepth + d] * 0.25f : 0;
  for (int base = 0; base < keys; base += 32) {
    for (int i = threadIdx.x; i < 32 * kDepth; i += blockDim.x) {
      int r = i / kDepth, c = i % kDepth;
      ks[r][c] = base + r < keys ? k[(base + r) * kDepth + c] : 0;
      vs[r][c] = base + r < keys ? v[(base + r) * kDepth + c] : 0;
    }
    __syncthreads();
    float score = 0;
#pragma unroll
    for (int d = 0; d < kDepth; ++d)
      score += query[d] * ks[lane][d];
    bool counts = base + lane < keys && (!isCausal || base + lane <= row);
    score = counts ? score * 1.44269504f : -3.402823e38f;
    float tile = score;
    for (int step = 16; step; step /= 2)
      tile = fmaxf(tile, __shfl_xor_sync(~0u, tile, step));
    float now = fmaxf(most, tile), p = counts ? exp2Approx(score - now) : 0, shrink = exp2Approx(most - now);
    float total = p;
    for (int step = 16; step; step /= 2)
      total += __shfl_xor_sync(~0u, total, step);
    sum = sum * shrink + total;
    result *= shrink;
    // Lanes 0 to 15 have a column of the result each.
    for (int j = 0; j < 32; ++j)
      result += __shfl_sync(~0u, p, j) * vs[j][lane % kDepth];
    most = now;
    __syncthreads();
  }
  if (row < queries && lane < kDepth)
    out[row * kDepth + lane] = result / sum;
}
