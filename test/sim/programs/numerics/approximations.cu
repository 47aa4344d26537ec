// The approximate functions of the machine, each within the manual's bound.

extern "C" __global__ void approximations(const float *x, float *y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x, at = 0;
  if (i >= n)
    return;
  float v = x[i], p = fabsf(v) + 0.01f, d;
  auto put = [&](float r) { y[at++ * n + i] = r; };
  asm("rcp.approx.f32 %0, %1;" : "=f"(d) : "f"(p));
  put(d);
  asm("sqrt.approx.f32 %0, %1;" : "=f"(d) : "f"(p));
  put(d);
  asm("rsqrt.approx.f32 %0, %1;" : "=f"(d) : "f"(p));
  put(d);
  asm("ex2.approx.f32 %0, %1;" : "=f"(d) : "f"(v));
  put(d);
  asm("lg2.approx.f32 %0, %1;" : "=f"(d) : "f"(p + 2));
  put(d);
  asm("sin.approx.f32 %0, %1;" : "=f"(d) : "f"(v));
  put(d);
  asm("cos.approx.f32 %0, %1;" : "=f"(d) : "f"(v));
  put(d);
  asm("tanh.approx.f32 %0, %1;" : "=f"(d) : "f"(v));
  put(d);
  asm("div.approx.f32 %0, %1, %2;" : "=f"(d) : "f"(v), "f"(p));
  put(d);
  asm("div.full.f32 %0, %1, %2;" : "=f"(d) : "f"(v), "f"(p));
  put(d);
}
