// c = alpha * a @ b + beta * c of f64, tiles of 8 x 8, rows at a distance of their own.

struct Matrix {
  int rows, columns, stride;
};

extern "C" __global__ void gemm(double alpha, const double *a, Matrix as, const double *b, Matrix bs, double beta, double *c, Matrix cs) {
  __shared__ double ta[8][9], tb[8][9];
  int x = threadIdx.x, y = threadIdx.y, row = blockIdx.y * 8 + y, column = blockIdx.x * 8 + x;
  double sum = 0;
  for (int at = 0; at < as.columns; at += 8) {
    ta[y][x] = row < as.rows && at + x < as.columns ? a[row * as.stride + at + x] : 0;
    tb[y][x] = at + y < bs.rows && column < bs.columns ? b[(at + y) * bs.stride + column] : 0;
    __syncthreads();
    for (int i = 0; i < 8; ++i)
      sum += ta[y][i] * tb[i][x];
    __syncthreads();
  }
  if (row < cs.rows && column < cs.columns)
    c[row * cs.stride + column] = alpha * sum + beta * c[row * cs.stride + column];
}
