// Threads that leave before barriers, which the others pass without them; blocks with odd sizes in all dims.

extern "C" __global__ void leave(const int *x, int *y, int n) {
  __shared__ int sums[4];
  int t = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
  int block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
  if (t < 4)
    sums[t] = 0;
  __syncthreads();
  // The last warps go altogether, others in part.
  if (t >= n)
    return;
  for (int round = 0; round < 4; ++round) {
    atomicAdd(&sums[round], x[block * n + t] * (round + 1));
    __syncthreads();
    if (t % 7 == round + 1)
      return;
  }
  if (t == 0)
    for (int round = 0; round < 4; ++round)
      y[block * 4 + round] = sums[round];
}
