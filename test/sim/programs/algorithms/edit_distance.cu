// The distance of texts by insertions, deletions and replacements: a wave of anti-diagonals through a block.

extern "C" __global__ void distance(const char *texts, const int *starts, int *result) {
  extern __shared__ int waves[];
  const char *a = texts + starts[2 * blockIdx.x], *b = texts + starts[2 * blockIdx.x + 1];
  int n = starts[2 * blockIdx.x + 1] - starts[2 * blockIdx.x], m = starts[2 * blockIdx.x + 2] - starts[2 * blockIdx.x + 1];
  int size = blockDim.x, i = threadIdx.x;
  for (int d = 0; d <= n + m; ++d) {
    int *now = waves + d % 3 * size, *last = waves + (d + 2) % 3 * size, *before = waves + (d + 1) % 3 * size;
    int j = d - i;
    if (i <= n && j >= 0 && j <= m) {
      int v = i == 0 ? j : j == 0 ? i : min(min(last[i - 1], last[i]) + 1, before[i - 1] + (a[i - 1] != b[j - 1]));
      now[i] = v;
      if (i == n && j == m)
        result[blockIdx.x] = v;
    }
    __syncthreads();
  }
}
