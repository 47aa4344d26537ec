// A histogram whose lanes first agree who has the same bin, so that one of them counts for all.

extern "C" __global__ void aggregated(const int *x, int n, int *counts, int *leaders) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    return;
  unsigned active = __activemask(), same = __match_any_sync(active, x[i]);
  if (threadIdx.x % 32 == __ffs(same) - 1) {
    atomicAdd(&counts[x[i]], __popc(same));
    atomicAdd(leaders, 1);
  }
}
