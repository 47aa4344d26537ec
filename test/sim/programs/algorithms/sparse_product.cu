// y = A x for a sparse matrix by rows: a lane, half a warp or a warp a row, as the rows are long.

template <int lanes> __device__ void product(const int *starts, const int *columns, const float *values, const float *x, float *y, int rows) {
  int row = (blockIdx.x * blockDim.x + threadIdx.x) / lanes, lane = threadIdx.x % lanes;
  float sum = 0;
  if (row < rows)
    for (int i = starts[row] + lane; i < starts[row + 1]; i += lanes)
      sum += values[i] * x[columns[i]];
#pragma unroll
  for (int step = lanes / 2; step; step /= 2)
    sum += __shfl_down_sync(~0u, sum, step, lanes);
  if (row < rows && lane == 0)
    y[row] = sum;
}

extern "C" __global__ void productByLanes(const int *s, const int *c, const float *v, const float *x, float *y, int rows) { product<1>(s, c, v, x, y, rows); }
extern "C" __global__ void productByHalves(const int *s, const int *c, const float *v, const float *x, float *y, int rows) { product<16>(s, c, v, x, y, rows); }
extern "C" __global__ void productByWarps(const int *s, const int *c, const float *v, const float *x, float *y, int rows) { product<32>(s, c, v, x, y, rows); }
