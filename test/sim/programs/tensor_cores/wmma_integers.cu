// wmma of bytes, of numbers of four bits and of single bits.
#ifndef __clang__
#include <mma.h>
#endif

extern "C" __global__ void wmmaS8(const int *a, const int *b, int *c) {
  int fa[2], fb[2], d[8];
  __imma_m16n16k16_ld_a_s8(fa, a, 16, 0);
  __imma_m16n16k16_ld_b_s8(fb, b, 16, 1);
  __imma_m16n16k16_ld_c(d, c, 16, 0);
  __imma_m16n16k16_mma_s8(d, fa, fb, d, 1, 0);
  __imma_m16n16k16_st_c_i32(c, d, 16, 0);
}

extern "C" __global__ void wmmaS4(const int *a, const int *b, int *c) {
  int fa[1], fb[1], d[2];
  __imma_m8n8k32_ld_a_s4(fa, a, 32, 0);
  __imma_m8n8k32_ld_b_s4(fb, b, 32, 1);
  __imma_m8n8k32_ld_c(d, c, 8, 0);
  __imma_m8n8k32_mma_s4(d, fa, fb, d, 1, 0);
  __imma_m8n8k32_st_c_i32(c, d, 8, 0);
}

extern "C" __global__ void wmmaB1(const int *a, const int *b, int *c) {
  int fa[1], fb[1], d[2];
  __bmma_m8n8k128_ld_a_b1(fa, a, 128, 0);
  __bmma_m8n8k128_ld_b_b1(fb, b, 128, 1);
  __bmma_m8n8k128_ld_c(d, c, 8, 0);
  __bmma_m8n8k128_mma_xor_popc_b1(d, fa, fb, d, 1);
  __bmma_m8n8k128_st_c_i32(c, d, 8, 0);
}
