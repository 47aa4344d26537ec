// The shapes of sm_75: f16 with sums in f16 and in f32, bytes, and numbers of four bits.

extern "C" __global__ void mmaF16Sums(const unsigned *a, const unsigned *b, unsigned *c) {
  int lane = threadIdx.x, group = lane / 4, part = lane % 4;
  // a is 16 x 8, a word two elements of a row; b is given by columns; c is 16 x 8.
  unsigned d0 = c[group * 4 + part], d1 = c[(group + 8) * 4 + part];
  asm volatile("mma.sync.aligned.m16n8k8.row.col.f16.f16.f16.f16 {%0, %1}, {%2, %3}, {%4}, {%0, %1};"
               : "+r"(d0), "+r"(d1) : "r"(a[group * 4 + part]), "r"(a[(group + 8) * 4 + part]), "r"(b[group * 4 + part]));
  c[group * 4 + part] = d0;
  c[(group + 8) * 4 + part] = d1;
}

extern "C" __global__ void mmaF32Sums(const unsigned *a, const unsigned *b, float *c) {
  int lane = threadIdx.x, group = lane / 4, part = lane % 4;
  float d[4];
  for (int i = 0; i < 4; ++i)
    d[i] = c[(group + i / 2 * 8) * 8 + part * 2 + i % 2];
  asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};"
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]) : "r"(a[group * 4 + part]), "r"(a[(group + 8) * 4 + part]), "r"(b[group * 4 + part]));
  for (int i = 0; i < 4; ++i)
    c[(group + i / 2 * 8) * 8 + part * 2 + i % 2] = d[i];
}

extern "C" __global__ void mmaS8(const unsigned *a, const unsigned *b, int2 *c) {
  int lane = threadIdx.x;
  // 8 x 16 by 16 x 8: a lane's word is a quarter of a row.
  int2 d = c[lane];
  asm volatile("mma.sync.aligned.m8n8k16.row.col.s32.s8.s8.s32 {%0, %1}, {%2}, {%3}, {%0, %1};" : "+r"(d.x), "+r"(d.y) : "r"(a[lane]), "r"(b[lane]));
  c[lane] = d;
}

extern "C" __global__ void mmaU4(const unsigned *a, const unsigned *b, int2 *c) {
  int lane = threadIdx.x;
  int2 d = c[lane];
  asm volatile("mma.sync.aligned.m8n8k32.row.col.s32.u4.u4.s32 {%0, %1}, {%2}, {%3}, {%0, %1};" : "+r"(d.x), "+r"(d.y) : "r"(a[lane]), "r"(b[lane]));
  c[lane] = d;
}
