// compile: sm_80
// bf16 and pairs of bf16: fused sums of products, extremes, conversions.

extern "C" __global__ void pairs(const unsigned *a, const unsigned *b, const unsigned *c, unsigned *y, const float *x, unsigned *z, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x, at = 0;
  if (i >= n)
    return;
  unsigned d, u = a[i], v = b[i], w = c[i];
  auto put = [&](unsigned r) { y[at++ * n + i] = r; };
  asm("fma.rn.bf16x2 %0, %1, %2, %3;" : "=r"(d) : "r"(u), "r"(v), "r"(w));
  put(d);
  asm("fma.rn.relu.bf16x2 %0, %1, %2, %3;" : "=r"(d) : "r"(u), "r"(v), "r"(w));
  put(d);
  asm("min.bf16x2 %0, %1, %2;" : "=r"(d) : "r"(u), "r"(v));
  put(d);
  asm("max.NaN.bf16x2 %0, %1, %2;" : "=r"(d) : "r"(u), "r"(v));
  put(d);
  asm("neg.bf16x2 %0, %1;" : "=r"(d) : "r"(u));
  put(d);
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(d) : "f"(x[i]), "f"(x[(i + 1) % n]));
  z[i] = d;
  asm("cvt.rz.bf16x2.f32 %0, %1, %2;" : "=r"(d) : "f"(x[i]), "f"(x[(i + 1) % n]));
  z[n + i] = d;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(d) : "f"(x[i]));
  z[2 * n + i] = d;
  asm("cvt.rn.relu.f16x2.f32 %0, %1, %2;" : "=r"(d) : "f"(x[i]), "f"(x[(i + 1) % n]));
  z[3 * n + i] = d;
}
