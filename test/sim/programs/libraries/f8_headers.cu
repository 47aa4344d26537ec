// compile: sm_75 nvcc library
// The types of cuda_fp8.h: conversions by instructions where the machine has them, and by code where not.
#include <cuda_fp8.h>

extern "C" __global__ void convert(const float *x, unsigned char *y, float *back, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    return;
  __nv_fp8_e4m3 a(x[i]);
  __nv_fp8_e5m2 b(x[i]);
  y[i] = a.__x;
  y[n + i] = b.__x;
  back[i] = float(a);
  back[n + i] = float(b);
}
