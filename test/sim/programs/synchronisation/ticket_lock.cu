// A lock that is fair: one thread of each block takes a number, and waits for its turn by ld.acquire.
#include "../support.cuh"

__device__ unsigned nextTicket, nowServing;

extern "C" __global__ void serve(unsigned *order, unsigned *sum, int rounds) {
  if (threadIdx.x)
    return;
  for (int i = 0; i < rounds; ++i) {
    unsigned ticket = atomicAdd(&nextTicket, 1);
    while (loadAcquire(&nowServing) != ticket)
      __nanosleep(20);
    order[ticket] = blockIdx.x;
    *sum = *sum * 31 + blockIdx.x;
    storeRelease(&nowServing, ticket + 1);
  }
}
