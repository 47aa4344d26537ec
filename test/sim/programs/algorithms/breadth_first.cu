// Distances from a vertex of a graph, level by level: a frontier of vertices, whose neighbours are claimed by atomics.

extern "C" __global__ void expand(const int *starts, const int *edges, const int *frontier, int size, int level, int *distance, int *next, int *nextSize) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= size)
    return;
  int v = frontier[i];
  for (int e = starts[v]; e < starts[v + 1]; ++e)
    if (atomicCAS(&distance[edges[e]], -1, level) == -1)
      next[atomicAdd(nextSize, 1)] = edges[e];
}
