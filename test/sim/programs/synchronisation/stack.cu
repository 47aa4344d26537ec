// Treiber's stack: threads push their nodes, then pop as many. A node is pushed once, so that no head is seen twice.
#include "../support.cuh"

__device__ unsigned head;

extern "C" __global__ void pushAndPop(unsigned *next, const int *values, int *popped, int *misses) {
  unsigned node = blockIdx.x * blockDim.x + threadIdx.x + 1;
  // 0 is the end of the list.
  unsigned old = loadRelaxed(&head), seen;
  do {
    seen = old;
    next[node] = seen;
    __threadfence();
    old = atomicCAS(&head, seen, node);
  } while (old != seen);

  for (;;) {
    unsigned top = loadAcquire(&head);
    if (top == 0) {
      atomicAdd(misses, 1);
      break;
    }
    if (atomicCAS(&head, top, next[top]) == top) {
      popped[node - 1] = values[top - 1];
      break;
    }
  }
}
