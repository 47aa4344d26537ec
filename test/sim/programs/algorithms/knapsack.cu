// The most valuable choice of things of a weight, in one block: a row for each thing, with the choices found again.

extern "C" __global__ void knapsack(const int *weights, const int *values, int things, int capacity, int *best, unsigned *taken) {
  extern __shared__ int rows[];
  int *from = rows, *to = rows + capacity + 1, words = (capacity + 32) / 32;
  for (int c = threadIdx.x; c <= capacity; c += blockDim.x)
    from[c] = 0;
  __syncthreads();
  for (int i = 0; i < things; ++i) {
    for (int base = 0; base <= capacity; base += blockDim.x) {
      int c = base + threadIdx.x;
      bool takes = false;
      if (c <= capacity) {
        int without = from[c], with = c >= weights[i] ? from[c - weights[i]] + values[i] : -1;
        takes = with > without;
        to[c] = takes ? with : without;
      }
      unsigned bits = __ballot_sync(~0u, takes);
      if (threadIdx.x % 32 == 0 && c <= capacity)
        taken[i * words + c / 32] = bits;
    }
    __syncthreads();
    int *t = from;
    from = to;
    to = t;
  }
  if (threadIdx.x == 0)
    *best = from[capacity];
}
