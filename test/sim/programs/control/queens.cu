// Solutions of the problem of the queens, by backtracking without recursion: a thread for each place of the first two.

extern "C" __global__ void queens(int n, int *solutions) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n * n)
    return;
  unsigned all = (1u << n) - 1, a = 1u << i / n, b = 1u << i % n;
  if (a == b || a << 1 == b || a >> 1 == b)
    return;
  unsigned columns[16], left[16], right[16], free[16];
  int row = 2, count = 0;
  columns[2] = a | b;
  left[2] = (a << 2 | b << 1) & all;
  right[2] = a >> 2 | b >> 1;
  free[2] = all & ~(columns[2] | left[2] | right[2]);
  while (row >= 2) {
    if (!free[row]) {
      --row;
      continue;
    }
    unsigned queen = free[row] & -free[row];
    free[row] ^= queen;
    if (row == n - 1) {
      ++count;
      continue;
    }
    columns[row + 1] = columns[row] | queen;
    left[row + 1] = (left[row] | queen) << 1 & all;
    right[row + 1] = (right[row] | queen) >> 1;
    ++row;
    free[row] = all & ~(columns[row] | left[row] | right[row]);
  }
  atomicAdd(solutions, count);
}
