// Sums over all rectangles that begin at the corner (a summed-area table): scans of rows, then of columns.

extern "C" __global__ void scanRows(const unsigned char *x, int *y, int rows, int columns) {
  int row = blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32, lane = threadIdx.x % 32;
  if (row >= rows)
    return;
  int carry = 0;
  for (int at = 0; at < columns; at += 32) {
    int v = at + lane < columns ? x[row * columns + at + lane] : 0;
    for (int step = 1; step < 32; step *= 2) {
      int other = __shfl_up_sync(~0u, v, step);
      v += lane >= step ? other : 0;
    }
    if (at + lane < columns)
      y[row * columns + at + lane] = carry + v;
    carry += __shfl_sync(~0u, v, 31);
  }
}

extern "C" __global__ void scanColumns(int *y, int rows, int columns) {
  int column = blockIdx.x * blockDim.x + threadIdx.x;
  if (column >= columns)
    return;
  int sum = 0;
  for (int row = 0; row < rows; ++row)
    y[row * columns + column] = sum += y[row * columns + column];
}
