// An exclusive scan of each block's 512 numbers, up and down a tree, with padding against bank conflicts.

__device__ int padded(int i) { return i + (i >> 5); }

extern "C" __global__ void exclusiveScan(const unsigned *x, unsigned *y, unsigned *totals) {
  __shared__ unsigned tree[512 + 16];
  int t = threadIdx.x, base = blockIdx.x * 512;
  tree[padded(t)] = x[base + t];
  tree[padded(t + 256)] = x[base + t + 256];
  int offset = 1;
  for (int nodes = 256; nodes; nodes /= 2) {
    __syncthreads();
    if (t < nodes)
      tree[padded(offset * (2 * t + 2) - 1)] += tree[padded(offset * (2 * t + 1) - 1)];
    offset *= 2;
  }
  if (t == 0) {
    totals[blockIdx.x] = tree[padded(511)];
    tree[padded(511)] = 0;
  }
  for (int nodes = 1; nodes <= 256; nodes *= 2) {
    offset /= 2;
    __syncthreads();
    if (t < nodes) {
      int left = padded(offset * (2 * t + 1) - 1), right = padded(offset * (2 * t + 2) - 1);
      unsigned v = tree[left];
      tree[left] = tree[right];
      tree[right] += v;
    }
  }
  __syncthreads();
  y[base + t] = tree[padded(t)];
  y[base + t + 256] = tree[padded(t + 256)];
}
