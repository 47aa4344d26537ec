// Keeps the numbers that pass a test, in order: ballots within warps, a scan over warps, a scan over blocks by a second
// launch.

__device__ bool isKept(int v) { return v % 3 == 0; }

extern "C" __global__ void countKept(const int *x, int n, int *counts) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  int kept = __syncthreads_count(i < n && isKept(x[i]));
  if (threadIdx.x == 0)
    counts[blockIdx.x] = kept;
}

extern "C" __global__ void keep(const int *x, int n, const int *counts, int *y, int *total) {
  __shared__ int warps[32];
  __shared__ int start;
  int i = blockIdx.x * blockDim.x + threadIdx.x, lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  bool mine = i < n && isKept(x[i]);
  unsigned kept = __ballot_sync(~0u, mine);
  if (lane == 0)
    warps[warp] = __popc(kept);
  if (threadIdx.x == 0) {
    start = 0;
    for (int b = 0; b < blockIdx.x; ++b)
      start += counts[b];
  }
  __syncthreads();
  int place = start + __popc(kept & ((1u << lane) - 1));
  for (int w = 0; w < warp; ++w)
    place += warps[w];
  if (mine)
    y[place] = x[i];
  if (blockIdx.x == gridDim.x - 1 && threadIdx.x == blockDim.x - 1)
    *total = place + mine;
}
