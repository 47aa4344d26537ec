// compile: sm_80
// mma.sync of bytes of each sign, with sums that wrap or are held at the ends.
#include "words.cuh"

extern "C" __global__ void mmaS8S8(const unsigned *a, const unsigned *b, int *c, int n, int words) {
  multiplyWords(a, b, c, n, words, MMA_WORDS("m16n8k32.row.col.s32.s8.s8.s32", "r"));
}
extern "C" __global__ void mmaU8S8(const unsigned *a, const unsigned *b, int *c, int n, int words) {
  multiplyWords(a, b, c, n, words, MMA_WORDS("m16n8k32.row.col.s32.u8.s8.s32", "r"));
}
extern "C" __global__ void mmaU8U8(const unsigned *a, const unsigned *b, int *c, int n, int words) {
  multiplyWords(a, b, c, n, words, MMA_WORDS("m16n8k32.row.col.satfinite.s32.u8.u8.s32", "r"));
}
