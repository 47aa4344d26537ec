// dp4a and dp2a: products of bytes, of all signs, added up.

extern "C" __global__ void products(const unsigned *x, const unsigned *w, const int *c, int *y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x, d;
  if (i >= n)
    return;
  asm("dp4a.s32.s32 %0, %1, %2, %3;" : "=r"(d) : "r"(x[i]), "r"(w[i]), "r"(c[i]));
  y[i] = d;
  asm("dp4a.u32.u32 %0, %1, %2, %3;" : "=r"(d) : "r"(x[i]), "r"(w[i]), "r"(c[i]));
  y[n + i] = d;
  asm("dp4a.s32.u32 %0, %1, %2, %3;" : "=r"(d) : "r"(x[i]), "r"(w[i]), "r"(c[i]));
  y[2 * n + i] = d;
  asm("dp2a.lo.s32.s32 %0, %1, %2, %3;" : "=r"(d) : "r"(x[i]), "r"(w[i]), "r"(c[i]));
  y[3 * n + i] = d;
  asm("dp2a.hi.u32.s32 %0, %1, %2, %3;" : "=r"(d) : "r"(x[i]), "r"(w[i]), "r"(c[i]));
  y[4 * n + i] = d;
}
