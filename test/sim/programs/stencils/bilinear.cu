// An image of bytes in another size, between its pixels in fixed point of eight bits.

extern "C" __global__ void resize(const unsigned char *x, int rows, int columns, unsigned char *y, int newRows, int newColumns) {
  int c = blockIdx.x * blockDim.x + threadIdx.x, r = blockIdx.y * blockDim.y + threadIdx.y;
  if (c >= newColumns || r >= newRows)
    return;
  unsigned fr = (unsigned)r * (rows - 1) * 256 / (newRows - 1), fc = (unsigned)c * (columns - 1) * 256 / (newColumns - 1);
  int r0 = fr / 256, c0 = fc / 256, r1 = min(r0 + 1, rows - 1), c1 = min(c0 + 1, columns - 1);
  unsigned wr = fr % 256, wc = fc % 256;
  unsigned top = __ldg(&x[r0 * columns + c0]) * (256 - wc) + __ldg(&x[r0 * columns + c1]) * wc;
  unsigned bottom = __ldg(&x[r1 * columns + c0]) * (256 - wc) + __ldg(&x[r1 * columns + c1]) * wc;
  y[r * newColumns + c] = (top * (256 - wr) + bottom * wr + 32768) >> 16;
}
