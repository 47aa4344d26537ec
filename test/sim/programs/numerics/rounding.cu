// One operation of f32 and of f64 in each of the four roundings, and conversions to integers in each.

extern "C" __global__ void roundings(const float *x, const float *w, float *y, const double *a, const double *b, double *c, int *k, long long *l, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    return;
  float u = x[i], v = w[i];
  y[i] = __fadd_rn(u, v);
  y[n + i] = __fadd_rz(u, v);
  y[2 * n + i] = __fmul_ru(u, v);
  y[3 * n + i] = __fmul_rd(u, v);
  y[4 * n + i] = __fdiv_rn(u, v);
  y[5 * n + i] = __fdiv_ru(u, v);
  y[6 * n + i] = __fsqrt_rd(fabsf(u));
  y[7 * n + i] = __fmaf_rz(u, v, u);
  y[8 * n + i] = __frcp_rn(v);
  double p = a[i], q = b[i];
  c[i] = __dadd_rd(p, q);
  c[n + i] = __dmul_rz(p, q);
  c[2 * n + i] = __ddiv_rn(p, q);
  c[3 * n + i] = __dsqrt_ru(fabs(p));
  c[4 * n + i] = __fma_rn(p, q, p);
  c[5 * n + i] = (double)__double2float_ru(p);
  k[i] = __float2int_rn(u * 100);
  k[n + i] = __float2int_rz(u * 100);
  k[2 * n + i] = __double2int_rd(p * 100);
  k[3 * n + i] = __float2int_ru(u * 1e12f);
  l[i] = __double2ll_rn(p * 1e12);
  l[n + i] = (long long)__float2ull_rz(u * 1e15f);
}
