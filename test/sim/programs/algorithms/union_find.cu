// Connected parts of a graph: trees that grow together by compare-and-swap, while others look for their roots.

__device__ int find(int *parent, int v) {
  int p = *(volatile int *)&parent[v];
  while (p != v) {
    int g = *(volatile int *)&parent[p];
    // Halves the path; whoever is beaten has nothing to do.
    if (g != p)
      atomicCAS(&parent[v], p, g);
    v = p;
    p = g;
  }
  return v;
}

extern "C" __global__ void unite(const int2 *edges, int n, int *parent) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    return;
  int a = edges[i].x, b = edges[i].y;
  for (;;) {
    a = find(parent, a);
    b = find(parent, b);
    if (a == b)
      return;
    // The larger root hangs on the smaller one.
    int low = min(a, b), high = max(a, b);
    if (atomicCAS(&parent[high], high, low) == high)
      return;
  }
}

extern "C" __global__ void flatten(int *parent, int n, int *root) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    root[i] = find(parent, i);
}
