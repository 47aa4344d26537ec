// Arithmetic of f16 and of pairs of f16 with one rounding each, by inline PTX.

extern "C" __global__ void pairs(const unsigned *a, const unsigned *b, const unsigned *c, unsigned *y, unsigned short *z, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x, at = 0;
  if (i >= n)
    return;
  unsigned d, u = a[i], v = b[i], w = c[i];
  auto put = [&](unsigned r) { y[at++ * n + i] = r; };
  asm("add.rn.f16x2 %0, %1, %2;" : "=r"(d) : "r"(u), "r"(v));
  put(d);
  asm("sub.f16x2 %0, %1, %2;" : "=r"(d) : "r"(u), "r"(v));
  put(d);
  asm("mul.f16x2 %0, %1, %2;" : "=r"(d) : "r"(u), "r"(v));
  put(d);
  asm("fma.rn.f16x2 %0, %1, %2, %3;" : "=r"(d) : "r"(u), "r"(v), "r"(w));
  put(d);
  asm("fma.rn.sat.f16x2 %0, %1, %2, %3;" : "=r"(d) : "r"(u), "r"(v), "r"(w));
  put(d);
  asm("neg.f16x2 %0, %1;" : "=r"(d) : "r"(u));
  put(d);
  asm("{\n.reg .pred p, q;\nsetp.lt.f16x2 p|q, %1, %2;\nselp.u32 %0, 1, 0, p;\n@q add.u32 %0, %0, 2;\n}" : "=&r"(d) : "r"(u), "r"(v));
  put(d);
  asm("set.ge.f16x2.f16x2 %0, %1, %2;" : "=r"(d) : "r"(u), "r"(v));
  put(d);
  unsigned short h = (unsigned short)u, g = (unsigned short)v, e;
  asm("add.f16 %0, %1, %2;" : "=h"(e) : "h"(h), "h"(g));
  z[i] = e;
  asm("mul.ftz.f16 %0, %1, %2;" : "=h"(e) : "h"(h), "h"(g));
  z[n + i] = e;
  asm("cvt.rn.f16.s32 %0, %1;" : "=h"(e) : "r"((int)v >> 14));
  z[2 * n + i] = e;
  asm("cvt.rni.s16.f16 %0, %1;" : "=h"(e) : "h"(h));
  z[3 * n + i] = e;
}
