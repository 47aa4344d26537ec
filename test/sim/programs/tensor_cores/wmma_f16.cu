// wmma of f16 by the compilers' own functions, in the three shapes, with sums in f16 and f32, by rows and by columns.
#ifndef __clang__
#include <mma.h>
#endif

extern "C" __global__ void wmmaSquare(const int *a, const int *b, float *c, int k, int n) {
  int fa[8], fb[8];
  float d[8];
  const short *rows = (const short *)a + blockIdx.y * 16 * k, *columns = (const short *)b + blockIdx.x * 16;
  float *to = c + blockIdx.y * 16 * n + blockIdx.x * 16;
  __hmma_m16n16k16_ld_c_f32(d, to, n, 0);
  for (int at = 0; at < k; at += 16) {
    __hmma_m16n16k16_ld_a(fa, (const int *)(rows + at), k, 0);
    __hmma_m16n16k16_ld_b(fb, (const int *)(columns + at * n), n, 0);
    __hmma_m16n16k16_mma_f32f32(d, fa, fb, d, 0, 0);
  }
  __hmma_m16n16k16_st_c_f32(to, d, n, 0);
}

extern "C" __global__ void wmmaTall(const int *a, const int *b, int *c) {
  int fa[8], fb[8], d[4];
  __hmma_m32n8k16_ld_a(fa, a, 32, 1);
  __hmma_m32n8k16_ld_b(fb, b, 16, 1);
  __hmma_m32n8k16_ld_c_f16(d, c, 8, 0);
  __hmma_m32n8k16_mma_f16f16(d, fa, fb, d, 3, 0);
  __hmma_m32n8k16_st_c_f16(c, d, 8, 0);
}

extern "C" __global__ void wmmaWide(const int *a, const int *b, float *c) {
  int fa[8], fb[8];
  float d[8];
  __hmma_m8n32k16_ld_a(fa, a, 16, 0);
  __hmma_m8n32k16_ld_b(fb, b, 16, 1);
  __hmma_m8n32k16_ld_c_f32(d, c, 8, 1);
  __hmma_m8n32k16_mma_f32f32(d, fa, fb, d, 1, 0);
  __hmma_m8n32k16_st_c_f32(c, d, 8, 1);
}
