// Tasks that make tasks: blocks take intervals from a list, cut them until they are short, and sum those. They stop when
// nothing is under way.
#include "../support.cuh"

__device__ unsigned first, last, underway;

extern "C" __global__ void adapt(const int *x, int n, uint2 *tasks, unsigned *ready, unsigned long long *sum, unsigned *leaves) {
  if (threadIdx.x)
    return;
  auto put = [&](unsigned begin, unsigned end) {
    atomicAdd(&underway, 1);
    __threadfence();
    unsigned at = atomicAdd(&last, 1);
    tasks[at] = make_uint2(begin, end);
    storeRelease(&ready[at], 1);
  };
  if (blockIdx.x == 0)
    put(0, n);
  for (;;) {
    unsigned at = loadRelaxed(&first);
    // All is done once a task was put and none is under way.
    if (loadAcquire(&last) > 0 && loadRelaxed(&underway) == 0)
      break;
    if (at >= loadRelaxed(&last) || atomicCAS(&first, at, at + 1) != at) {
      __nanosleep(50);
      continue;
    }
    while (loadAcquire(&ready[at]) == 0)
      ;
    uint2 task = tasks[at];
    if (task.y - task.x > 10) {
      unsigned middle = (task.x + task.y) / 2;
      put(task.x, middle);
      put(middle, task.y);
    } else {
      unsigned long long s = 0;
      for (unsigned i = task.x; i < task.y; ++i)
        s += (long long)x[i] * x[i];
      atomicAdd(sum, s);
      atomicAdd(leaves, 1);
    }
    atomicSub(&underway, 1);
  }
}
