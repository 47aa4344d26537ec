// A bitonic network in shared memory, over a power of two of keys; those beyond the array are largest.

extern "C" __global__ void bitonicSort(unsigned *x, int n) {
  extern __shared__ unsigned keys[];
  int t = threadIdx.x, size = blockDim.x;
  keys[t] = t < n ? x[t] : 0xFFFFFFFFu;
  for (int run = 2; run <= size; run *= 2)
    for (int step = run / 2; step; step /= 2) {
      __syncthreads();
      int other = t ^ step;
      if (other > t) {
        unsigned a = keys[t], b = keys[other];
        bool isUp = (t & run) == 0;
        if ((a > b) == isUp) {
          keys[t] = b;
          keys[other] = a;
        }
      }
    }
  __syncthreads();
  if (t < n)
    x[t] = keys[t];
}
