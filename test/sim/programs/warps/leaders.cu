// Lanes that need room in a list are served by one atomic of a leader. Who the lanes are is known from activemask alone.

__device__ int reserve(int *counter) {
  unsigned active = __activemask();
  int leader = __ffs(active) - 1, lane = threadIdx.x % 32, base = 0;
  if (lane == leader)
    base = atomicAdd(counter, __popc(active));
  base = __shfl_sync(active, base, leader);
  return base + __popc(active & ((1u << lane) - 1));
}

extern "C" __global__ void appendOdd(const int *x, int n, int *y, int *count) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n && x[i] & 1)
    y[reserve(count)] = x[i];
}
