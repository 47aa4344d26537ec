// A transpose of 32 x 32 bits, and of 32 x 32 numbers, by exchanges within a warp.

extern "C" __global__ void transposeBits(const unsigned *x, unsigned *y) {
  unsigned lane = threadIdx.x, v = x[blockIdx.x * 32 + lane];
  unsigned mask = 0x0000FFFF;
  for (int step = 16; step; step >>= 1, mask ^= mask << step) {
    unsigned other = __shfl_xor_sync(~0u, v, step);
    // The half of each pair of rows that changes places.
    if (lane & step)
      v = (v & ~mask) | (other >> step & mask);
    else
      v = (v & mask) | (other << step & ~mask);
  }
  y[blockIdx.x * 32 + lane] = v;
}

extern "C" __global__ void transposeNumbers(const short *x, short *y) {
  int lane = threadIdx.x;
  int column[32];
#pragma unroll
  for (int r = 0; r < 32; ++r)
    column[r] = x[r * 32 + lane];
#pragma unroll
  for (int step = 16; step; step >>= 1)
#pragma unroll
    for (int r = 0; r < 32; ++r)
      if (!(r & step)) {
        bool isUpper = lane & step;
        int send = isUpper ? column[r] : column[r + step];
        int got = __shfl_xor_sync(~0u, send, step);
        if (isUpper)
          column[r] = got;
        else
          column[r + step] = got;
      }
#pragma unroll
  for (int r = 0; r < 32; ++r)
    y[r * 32 + lane] = column[r];
}
