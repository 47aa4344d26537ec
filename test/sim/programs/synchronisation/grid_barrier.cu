// A barrier of all blocks made of atomics, between the steps of a stencil on global memory.
#include "../support.cuh"

__device__ unsigned arrivals, generation;

__device__ void gridBarrier() {
  __syncthreads();
  if (threadIdx.x == 0) {
    unsigned mine = loadRelaxed(&generation);
    __threadfence();
    if (atomicAdd(&arrivals, 1) == gridDim.x - 1) {
      atomicExch(&arrivals, 0);
      __threadfence();
      atomicAdd(&generation, 1);
    } else {
      while (loadAcquire(&generation) == mine)
        ;
    }
    __threadfence();
  }
  __syncthreads();
}

extern "C" __global__ void smooth(int *a, int *b, int n, int steps) {
  for (int s = 0; s < steps; ++s) {
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
      b[i] = a[(i + n - 1) % n] + a[i] * 2 + a[(i + 1) % n];
    gridBarrier();
    int *t = a;
    a = b;
    b = t;
  }
}
