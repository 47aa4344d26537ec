// Dynamic shared memory cut into arrays of several types, next to static arrays.

extern __shared__ __align__(16) unsigned char room[];

extern "C" __global__ void partition(const float *x, double *y, int n) {
  __shared__ short order[64];
  double *doubles = (double *)room;
  float *floats = (float *)(doubles + n);
  unsigned char *bytes = (unsigned char *)(floats + n);
  int t = threadIdx.x;
  if (t < n) {
    floats[t] = x[t];
    bytes[t] = t * 5;
    order[t] = (t * 7) % n;
  }
  __syncthreads();
  if (t < n)
    doubles[t] = floats[order[t]] * bytes[order[n - 1 - t]];
  __syncthreads();
  if (t < n)
    y[t] = doubles[n - 1 - t] + doubles[order[t]];
}
