// compile: sm_89
// Conversions to and from both kinds of f8, of pairs: every f8, and rounding with saturation.

extern "C" __global__ void every(unsigned *e4, unsigned *e5) {
  unsigned short pair = threadIdx.x * 0x101 ^ 0x8000;
  asm("cvt.rn.f16x2.e4m3x2 %0, %1;" : "=r"(e4[threadIdx.x]) : "h"(pair));
  asm("cvt.rn.f16x2.e5m2x2 %0, %1;" : "=r"(e5[threadIdx.x]) : "h"(pair));
}

extern "C" __global__ void narrow(const float *x, const unsigned *halves, unsigned short *y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    return;
  float high = x[i], low = x[n - 1 - i];
  unsigned short d;
  asm("cvt.rn.satfinite.e4m3x2.f32 %0, %1, %2;" : "=h"(d) : "f"(high), "f"(low));
  y[i] = d;
  asm("cvt.rn.satfinite.e5m2x2.f32 %0, %1, %2;" : "=h"(d) : "f"(high), "f"(low));
  y[n + i] = d;
  asm("cvt.rn.satfinite.relu.e4m3x2.f32 %0, %1, %2;" : "=h"(d) : "f"(high), "f"(low));
  y[2 * n + i] = d;
  asm("cvt.rn.satfinite.e5m2x2.f16x2 %0, %1;" : "=h"(d) : "r"(halves[i]));
  y[3 * n + i] = d;
}
