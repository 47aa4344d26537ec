// fns: the place of the n-th one from a base, upwards and downwards.

extern "C" __global__ void nthBit(const unsigned *masks, const unsigned *bases, const int *offsets, unsigned *y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    asm("fns.b32 %0, %1, %2, %3;" : "=r"(y[i]) : "r"(masks[i]), "r"(bases[i]), "r"(offsets[i]));
}
