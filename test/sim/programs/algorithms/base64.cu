// Three bytes become four characters, with padding at the end of the text.

__constant__ char digits[65] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

extern "C" __global__ void encode(const unsigned char *x, int n, uchar4 *y) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (3 * i >= n)
    return;
  unsigned v = x[3 * i] << 16;
  int left = n - 3 * i;
  if (left > 1)
    v |= x[3 * i + 1] << 8;
  if (left > 2)
    v |= x[3 * i + 2];
  y[i] = make_uchar4(digits[v >> 18], digits[v >> 12 & 63], left > 1 ? digits[v >> 6 & 63] : '=', left > 2 ? digits[v & 63] : '=');
}
