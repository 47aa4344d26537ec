// A transpose of tiles of 32 x 32 by 32 x 8 threads, with a column of padding against bank conflicts.

template <typename T> __device__ void transposeTile(const T *x, T *y, int rows, int columns) {
  __shared__ T tile[32][33];
  int column = blockIdx.x * 32 + threadIdx.x, row = blockIdx.y * 32 + threadIdx.y;
  for (int i = 0; i < 32; i += 8)
    if (row + i < rows && column < columns)
      tile[threadIdx.y + i][threadIdx.x] = x[(row + i) * columns + column];
  __syncthreads();
  column = blockIdx.y * 32 + threadIdx.x;
  row = blockIdx.x * 32 + threadIdx.y;
  for (int i = 0; i < 32; i += 8)
    if (row + i < columns && column < rows)
      y[(row + i) * rows + column] = tile[threadIdx.x][threadIdx.y + i];
}

extern "C" __global__ void transposeF32(const float *x, float *y, int rows, int columns) { transposeTile(x, y, rows, columns); }
extern "C" __global__ void transposeU8(const unsigned char *x, unsigned char *y, int rows, int columns) { transposeTile(x, y, rows, columns); }
extern "C" __global__ void transposeF64(const double *x, double *y, int rows, int columns) { transposeTile(x, y, rows, columns); }
