// The mean and the variance of f64 in two launches: sums of blocks, then the sum of those; then again with the mean.

__device__ double blockSum(double v) {
  __shared__ double warps[32];
  int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  for (int mask = 16; mask; mask /= 2)
    v += __shfl_xor_sync(~0u, v, mask);
  if (lane == 0)
    warps[warp] = v;
  __syncthreads();
  v = lane < blockDim.x / 32 ? warps[lane] : 0;
  for (int mask = 16; mask; mask /= 2)
    v += __shfl_xor_sync(~0u, v, mask);
  return v;
}

extern "C" __global__ void partialSums(const double *x, int n, double *parts) {
  double v = 0;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
    v += x[i];
  v = blockSum(v);
  if (threadIdx.x == 0)
    parts[blockIdx.x] = v;
}

extern "C" __global__ void partialSquares(const double *x, int n, const double *mean, double *parts) {
  double v = 0;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
    double d = x[i] - *mean;
    v += d * d;
  }
  v = blockSum(v);
  if (threadIdx.x == 0)
    parts[blockIdx.x] = v;
}

extern "C" __global__ void mean(const double *parts, int blocks, int n, double *result) {
  double v = blockSum(threadIdx.x < blocks ? parts[threadIdx.x] : 0);
  if (threadIdx.x == 0)
    *result = v / n;
}
