// Numbers of 128 bits: sums, products, shifts, comparisons, and division by hand, which no compiler has to call for.

using i128 = __int128;
using u128 = unsigned __int128;

__device__ u128 load(const unsigned long long *x) { return (u128)x[1] << 64 | x[0]; }
__device__ void store(unsigned long long *y, u128 v) {
  y[0] = (unsigned long long)v;
  y[1] = (unsigned long long)(v >> 64);
}

__device__ void divide(u128 a, u128 b, u128 &quotient, u128 &rest) {
  quotient = rest = 0;
  for (int i = 127; i >= 0; --i) {
    bool carry = rest >> 127;
    rest = rest << 1 | (a >> i & 1);
    if (carry || rest >= b) {
      rest -= b;
      quotient |= (u128)1 << i;
    }
  }
}

extern "C" __global__ void wide(const unsigned long long *x, unsigned long long *y, int *less, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    return;
  u128 a = load(x + i * 4), b = load(x + i * 4 + 2), q, r;
  int shift = (int)(b & 127);
  unsigned long long *out = y + i * 16;
  store(out, a + b);
  store(out + 2, a - b);
  store(out + 4, a * b);
  store(out + 6, a << shift);
  store(out + 8, (u128)((i128)a >> shift));
  divide(a, b ? b : 1, q, r);
  store(out + 10, q);
  store(out + 12, r);
  store(out + 14, (u128)(i128)(long long)x[i * 4] * (u128)(i128)(long long)x[i * 4 + 2]);
  less[i] = (a < b) + 2 * ((i128)a < (i128)b) + 4 * (a == b);
}
