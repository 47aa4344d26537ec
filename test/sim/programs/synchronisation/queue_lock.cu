// A lock whose waiters stand in a queue (Mellor-Crummey and Scott): each spins on a word of its own.
__device__ int tail, isWaiting[32], behind[32];

extern "C" __global__ void count(int *sum, int *order, int rounds) {
  // Blocks are numbered from 1, so that 0 is nobody.
  int me = blockIdx.x + 1;
  for (int round = 0; round < rounds; ++round) {
    atomicExch(&behind[me], 0);
    atomicExch(&isWaiting[me], 1);
    __threadfence();
    int before = atomicExch(&tail, me);
    if (before) {
      atomicExch(&behind[before], me);
      while (atomicAdd(&isWaiting[me], 0))
        ;
    }
    __threadfence();
    order[*sum] = me;
    *sum += 1;
    __threadfence();
    if (!atomicAdd(&behind[me], 0)) {
      if (atomicCAS(&tail, me, 0) == me)
        continue;
      // Somebody has come, and is about to say who.
      while (!atomicAdd(&behind[me], 0))
        ;
    }
    atomicExch(&isWaiting[atomicAdd(&behind[me], 0)], 0);
  }
}
