// compile: library
// Functions of f32 of the device library.

extern "C" __global__ void functions(const float *x, float *y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x, at = 0;
  if (i >= n)
    return;
  float v = x[i], p = fabsf(v) + 0.001f;
  auto put = [&](float r) { y[at++ * n + i] = r; };
  put(expf(v));
  put(exp2f(v));
  put(expm1f(v));
  put(logf(p));
  put(log2f(p));
  put(log1pf(p));
  put(sinf(v));
  put(cosf(v));
  put(tanf(v));
  put(tanhf(v));
  put(erff(v));
  put(atanf(v));
  put(asinhf(v));
  put(cbrtf(v));
  put(powf(p, v));
  put(fmodf(v, 0.7f));
  put(hypotf(v, p));
  put(sinf(v * 1e6f));
}
