// A ring of blocks that pass a word on by acquire and release, round after round; each adds its own to plain data.
#include "../support.cuh"

__device__ unsigned token;

extern "C" __global__ void ring(const unsigned *x, unsigned *log, unsigned *data, int rounds) {
  int blocks = gridDim.x, b = blockIdx.x;
  if (threadIdx.x)
    return;
  for (int r = 0; r < rounds; ++r) {
    unsigned mine = r * blocks + b;
    while (loadAcquire(&token) != mine)
      ;
    data[r % 3] = data[(r + 2) % 3] * 5 + x[b] + data[r % 3];
    log[mine] = data[r % 3];
    storeRelease(&token, mine + 1);
  }
}
