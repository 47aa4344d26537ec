// Bug: a queue of linked nodes (Michael and Scott) links a node whose value is not yet published.
// Report: race
// Launch: --grid=2 --block=8 --resident=2
// inout i32 ends = np.ones(2, int) -> np.full(2, 0)
// out i32 seen = np.ones(16)
#include "ptx.h"

__device__ int next[32], value[32], taken;

// Node 1 is the one before the first; ends[0] is the head and ends[1] the tail.
template <bool isBroken> __device__ void kernel(int *ends, int *seen) {
  int i = blockIdx.x * 8 + threadIdx.x, node = i + 2, got = 0;
  value[node] = i; // race
  if (!isBroken)
    __threadfence();
  for (bool isDone = false; !isDone;) {
    int tail = atomicAdd(ends + 1, 0), behind = atomicAdd(next + tail, 0);
    isDone = !behind && atomicCAS(next + tail, 0, node) == 0;
    atomicCAS(ends + 1, tail, isDone ? node : behind ? behind : tail);
  }
  while (!got) {
    int head = atomicAdd(ends, 0), tail = atomicAdd(ends + 1, 0), behind = atomicAdd(next + head, 0);
    if (!behind)
      continue;
    if (head == tail)
      atomicCAS(ends + 1, tail, behind);
    else if (atomicCAS(ends, head, behind) == head)
      got = behind;
  }
  __threadfence();
  seen[value[got]] = 1; // race
  // Which node is the last one depends on the order.
  if (atomicAdd(&taken, 1) == 15)
    atomicExch(ends, 0), atomicExch(ends + 1, 0);
}

KERNELS((int *ends, int *seen), ends, seen)
