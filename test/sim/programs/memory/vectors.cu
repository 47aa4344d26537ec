// Loads and stores of vectors of every type, and of structures with alignments of their own.

struct __align__(16) Record {
  unsigned short id;
  unsigned char flags[2];
  float weight;
  double value;
};

extern "C" __global__ void vectors(const int4 *a, const double2 *b, const short4 *c, const uchar2 *d, int4 *wa, double2 *wb, short4 *wc, uchar2 *wd) {
  int i = threadIdx.x;
  int4 va = a[i];
  double2 vb = b[i];
  short4 vc = c[i];
  uchar2 vd = d[i];
  wa[i] = make_int4(va.w, va.z, va.y + 1, va.x);
  wb[i] = make_double2(vb.y, -vb.x);
  wc[i] = make_short4(vc.y, vc.x, vc.w, vc.z - 1);
  wd[i] = make_uchar2(vd.y, vd.x ^ 0x80);
}

extern "C" __global__ void records(const Record *x, Record *y, int n) {
  __shared__ Record stage[64];
  int i = threadIdx.x;
  if (i < n)
    stage[i] = x[i];
  __syncthreads();
  if (i < n) {
    Record r = stage[n - 1 - i];
    r.id += 1;
    r.flags[1] = r.flags[0];
    r.value *= r.weight;
    y[i] = r;
  }
}
