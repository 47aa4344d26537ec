// Warps with parts of their own: two fill, two take, by named barriers that one side only arrives at.

__device__ void sync(int barrier, int threads) { asm volatile("bar.sync %0, %1;" ::"r"(barrier), "r"(threads) : "memory"); }
__device__ void arrive(int barrier, int threads) { asm volatile("bar.arrive %0, %1;" ::"r"(barrier), "r"(threads) : "memory"); }

extern "C" __global__ void specialised(const int *x, int *y, int tiles) {
  // Barriers 1 and 2: slot 0 and 1 are full; 3 and 4: they are empty.
  __shared__ int slots[2][64];
  int t = threadIdx.x % 64;
  if (threadIdx.x < 64) {
    for (int i = 0; i < tiles; ++i) {
      int s = i & 1;
      if (i >= 2)
        sync(3 + s, 128);
      slots[s][t] = x[i * 64 + t] + i;
      arrive(1 + s, 128);
    }
  } else {
    for (int i = 0; i < tiles; ++i) {
      int s = i & 1;
      sync(1 + s, 128);
      y[i * 64 + t] = slots[s][63 - t] * 2;
      if (i + 2 < tiles)
        arrive(3 + s, 128);
    }
  }
}
