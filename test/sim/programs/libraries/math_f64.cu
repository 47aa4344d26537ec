// compile: library
// Functions of f64 of the device library.

extern "C" __global__ void functions(const double *x, double *y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x, at = 0;
  if (i >= n)
    return;
  double v = x[i], p = fabs(v) + 0.001;
  auto put = [&](double r) { y[at++ * n + i] = r; };
  put(exp(v));
  put(exp2(v));
  put(expm1(v));
  put(log(p));
  put(log2(p));
  put(log1p(p));
  put(sin(v));
  put(cos(v));
  put(tan(v));
  put(tanh(v));
  put(atan(v));
  put(asinh(v));
  put(cbrt(v));
  put(pow(p, v));
  put(fmod(v, 0.7));
  put(hypot(v, p));
  put(sin(v * 1e12));
  put(sqrt(p));
  put(1 / p);
}
