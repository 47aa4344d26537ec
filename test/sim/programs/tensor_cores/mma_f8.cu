// compile: sm_89
// mma.sync of both kinds of f8 with sums in f32.
#include "words.cuh"

extern "C" __global__ void mmaE4E4(const unsigned *a, const unsigned *b, float *c, int n, int words) {
  multiplyWords(a, b, c, n, words, MMA_WORDS("m16n8k32.row.col.f32.e4m3.e4m3.f32", "f"));
}
extern "C" __global__ void mmaE5E4(const unsigned *a, const unsigned *b, float *c, int n, int words) {
  multiplyWords(a, b, c, n, words, MMA_WORDS("m16n8k32.row.col.f32.e5m2.e4m3.f32", "f"));
}
