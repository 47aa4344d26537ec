// compile: sm_80
// mma.sync of f16, bf16 and tf32 with sums in f32.
#include "words.cuh"

extern "C" __global__ void mmaF16(const unsigned *a, const unsigned *b, float *c, int n, int words) {
  multiplyWords(a, b, c, n, words, MMA_WORDS("m16n8k16.row.col.f32.f16.f16.f32", "f"));
}
extern "C" __global__ void mmaBF16(const unsigned *a, const unsigned *b, float *c, int n, int words) {
  multiplyWords(a, b, c, n, words, MMA_WORDS("m16n8k16.row.col.f32.bf16.bf16.f32", "f"));
}
extern "C" __global__ void mmaTF32(const unsigned *a, const unsigned *b, float *c, int n, int words) {
  multiplyWords(a, b, c, n, words, MMA_WORDS("m16n8k8.row.col.f32.tf32.tf32.f32", "f"));
}
