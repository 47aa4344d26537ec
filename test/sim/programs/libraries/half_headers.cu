// compile: sm_80 nvcc library
// The types of cuda_fp16.h and cuda_bf16.h with their operators, functions and conversions.
#include <cuda_bf16.h>
#include <cuda_fp16.h>

extern "C" __global__ void halves(const __half2 *a, const __half2 *b, __half2 *y, __half *z, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    return;
  y[i] = __hfma2(a[i], b[i], a[i]);
  y[n + i] = a[i] + b[i] * __float2half2_rn(2);
  y[2 * n + i] = __hmax2(a[i], __hneg2(b[i]));
  y[3 * n + i] = __lowhigh2highlow(__habs2(a[i]));
  y[4 * n + i] = __halves2half2(hsqrt(__habs(a[i].x)), hrcp(b[i].y));
  z[i] = __hadd(__low2half(a[i]), __high2half(b[i]));
  z[n + i] = __int2half_rn(__half2int_rz(a[i].x));
  z[2 * n + i] = __hlt(a[i].x, b[i].x) ? __float2half(1.5f) : __ushort_as_half(0x3400);
}

extern "C" __global__ void brains(const __nv_bfloat162 *a, const __nv_bfloat162 *b, __nv_bfloat162 *y, float2 *z, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    return;
  y[i] = __hfma2(a[i], b[i], a[i]);
  y[n + i] = __hmin2(a[i], b[i]);
  y[2 * n + i] = __floats2bfloat162_rn(__low2float(a[i]) * 3, __high2float(b[i]) + 1);
  z[i] = __bfloat1622float2(a[i] + b[i]);
}
