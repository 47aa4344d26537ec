// Products of matrices of 64-bit integers modulo a prime, and powers of a matrix by squaring, in one block.

constexpr int kSize = 8;
constexpr unsigned long long kPrime = 1000000007;

using Square = unsigned long long[kSize][kSize];

__device__ void multiply(Square &c, const Square &a, const Square &b) {
  int i = threadIdx.y, j = threadIdx.x;
  unsigned long long sum = 0;
  for (int k = 0; k < kSize; ++k)
    sum = (sum + a[i][k] * b[k][j]) % kPrime;
  __syncthreads();
  c[i][j] = sum;
  __syncthreads();
}

extern "C" __global__ void matrixPower(const unsigned long long *x, unsigned long long exponent, unsigned long long *y) {
  __shared__ Square base, result;
  int i = threadIdx.y, j = threadIdx.x;
  base[i][j] = x[i * kSize + j];
  result[i][j] = i == j;
  __syncthreads();
  for (; exponent; exponent >>= 1) {
    if (exponent & 1)
      multiply(result, result, base);
    multiply(base, base, base);
  }
  y[i * kSize + j] = result[i][j];
}
