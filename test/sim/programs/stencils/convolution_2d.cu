// A convolution of images with channels, strides and a border: y[o][r][c] sums w[o][i][dr][dc] * x[i][r*s+dr-p][c*s+dc-p].

struct Shape {
  int channels, rows, columns, filters, size, stride, border;
};

extern "C" __global__ void convolveImage(const signed char *x, const signed char *w, int *y, Shape s) {
  int rows = (s.rows + 2 * s.border - s.size) / s.stride + 1, columns = (s.columns + 2 * s.border - s.size) / s.stride + 1;
  int c = blockIdx.x * blockDim.x + threadIdx.x, r = blockIdx.y * blockDim.y + threadIdx.y, o = blockIdx.z;
  if (c >= columns || r >= rows)
    return;
  int sum = 0;
  for (int i = 0; i < s.channels; ++i)
    for (int dr = 0; dr < s.size; ++dr)
      for (int dc = 0; dc < s.size; ++dc) {
        int row = r * s.stride + dr - s.border, column = c * s.stride + dc - s.border;
        if (row >= 0 && row < s.rows && column >= 0 && column < s.columns)
          sum += w[((o * s.channels + i) * s.size + dr) * s.size + dc] * x[(i * s.rows + row) * s.columns + column];
      }
  y[(o * rows + r) * columns + c] = sum;
}
