// compile: sm_80
// wmma of bf16, tf32 and f64.
#ifndef __clang__
#include <mma.h>
#endif

extern "C" __global__ void wmmaBF16(const int *a, const int *b, float *c) {
  int fa[4], fb[4];
  float d[8];
  __mma_bf16_m16n16k16_ld_a(fa, a, 16, 0);
  __mma_bf16_m16n16k16_ld_b(fb, b, 16, 0);
  __hmma_m16n16k16_ld_c_f32(d, c, 16, 0);
  __mma_bf16_m16n16k16_mma_f32(d, fa, fb, d, 0, 0);
  __hmma_m16n16k16_st_c_f32(c, d, 16, 0);
}

extern "C" __global__ void wmmaTF32(const int *a, const int *b, float *c) {
  int fa[4], fb[4];
  float d[8];
  __mma_tf32_m16n16k8_ld_a(fa, a, 8, 0);
  __mma_tf32_m16n16k8_ld_b(fb, b, 8, 1);
  __mma_tf32_m16n16k8_ld_c(d, c, 16, 0);
  __mma_tf32_m16n16k8_mma_f32(d, fa, fb, d, 1, 0);
  __mma_m16n16k8_st_c_f32(c, d, 16, 0);
}

extern "C" __global__ void wmmaF64(const double *a, const double *b, double *c) {
  double fa[1], fb[1], d[2];
  __dmma_m8n8k4_ld_a(fa, a, 4, 0);
  __dmma_m8n8k4_ld_b(fb, b, 8, 0);
  __dmma_m8n8k4_ld_c(d, c, 8, 0);
  __dmma_m8n8k4_mma_f64(d, fa, fb, d, 0, 0);
  __dmma_m8n8k4_st_c_f64(c, d, 8, 0);
}
