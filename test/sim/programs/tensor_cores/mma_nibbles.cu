// compile: sm_80
// mma.sync of numbers of four bits.
#include "words.cuh"

extern "C" __global__ void mmaS4S4(const unsigned *a, const unsigned *b, int *c, int n, int words) {
  multiplyWords(a, b, c, n, words, MMA_WORDS("m16n8k64.row.col.s32.s4.s4.s32", "r"));
}
extern "C" __global__ void mmaU4S4(const unsigned *a, const unsigned *b, int *c, int n, int words) {
  multiplyWords(a, b, c, n, words, MMA_WORDS("m16n8k64.row.col.s32.u4.s4.s32", "r"));
}
