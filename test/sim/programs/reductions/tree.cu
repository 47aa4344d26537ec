// The sum of each block by a tree in shared memory, of any number of threads.

extern "C" __global__ void treeSums(const int *x, int *sums, int n) {
  extern __shared__ int part[];
  int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  part[t] = i < n ? x[i] : 0;
  __syncthreads();
  for (unsigned live = blockDim.x; live > 1;) {
    unsigned half = (live + 1) / 2;
    if (t + half < live)
      part[t] += part[t + half];
    __syncthreads();
    live = half;
  }
  if (t == 0)
    sums[blockIdx.x] = part[0];
}
