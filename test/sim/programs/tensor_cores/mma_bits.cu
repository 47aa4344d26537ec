// compile: sm_80
// mma.sync of single bits: how many bits of a row and a column differ, or are both set.
#include "words.cuh"

extern "C" __global__ void mmaXor(const unsigned *a, const unsigned *b, int *c, int n, int words) {
  multiplyWords(a, b, c, n, words, MMA_WORDS("m16n8k256.row.col.s32.b1.b1.s32.xor.popc", "r"));
}
extern "C" __global__ void mmaAnd(const unsigned *a, const unsigned *b, int *c, int n, int words) {
  multiplyWords(a, b, c, n, words, MMA_WORDS("m16n8k256.row.col.s32.b1.b1.s32.and.popc", "r"));
}
