// A queue of linked nodes for many producers and consumers (Michael and Scott). Each thread appends a node, and takes one.
__device__ int ends[2] = {1, 1}, link[1024], value[1024];

extern "C" __global__ void exchange(const int *x, int *y) {
  int i = blockIdx.x * blockDim.x + threadIdx.x, node = i + 2, got = 0;
  value[node] = x[i];
  __threadfence();
  for (bool isDone = false; !isDone;) {
    int last = atomicAdd(&ends[1], 0), behind = atomicAdd(&link[last], 0);
    isDone = !behind && atomicCAS(&link[last], 0, node) == 0;
    // Who finds the end of the queue behind its last node helps it on.
    atomicCAS(&ends[1], last, isDone ? node : behind ? behind : last);
  }
  while (!got) {
    int first = atomicAdd(&ends[0], 0), last = atomicAdd(&ends[1], 0), behind = atomicAdd(&link[first], 0);
    if (!behind)
      continue;
    if (first == last)
      atomicCAS(&ends[1], last, behind);
    else if (atomicCAS(&ends[0], first, behind) == first)
      got = behind;
  }
  __threadfence();
  y[i] = value[got];
}
