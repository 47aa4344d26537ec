// Where the largest f32 is, the first of equals: value and place as one 64-bit number, whose order is that of the pairs.

/// A number whose order as an unsigned one is that of the floats.
__device__ unsigned ordered(float x) {
  int bits = __float_as_int(x);
  return bits < 0 ? ~bits : bits | 0x80000000u;
}

extern "C" __global__ void argmax(const float *x, int n, unsigned long long *best) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  unsigned long long key = 0;
  if (i < n)
    key = (unsigned long long)ordered(x[i]) << 32 | (0xFFFFFFFFu - i);
  for (int step = 16; step; step /= 2) {
    unsigned long long other = __shfl_xor_sync(~0u, key, step);
    key = max(key, other);
  }
  if (threadIdx.x % 32 == 0)
    atomicMax(best, key);
}
