// compile: sm_80
// mma.sp of f16: of every four elements of a row of a two are given, and where they stand. The positions are in registers of
// the threads that the selector names: of a pair for k = 32, of one thread for k = 16, in both for the rows `group` and
// `group` + 8.

/// a: 16 x 16 of 16 x 32; b: 32 x 8, by columns; positions: 2 bits each, a word for row, half of it, and row + 8.
template <int selector> __device__ void sparse32(const unsigned *a, const unsigned *b, const unsigned *positions, float *c) {
  int lane = threadIdx.x, group = lane / 4, part = lane % 4;
  // Other threads' registers hold anything.
  unsigned where = part / 2 == selector ? positions[group * 2 + part % 2] : 0xDEADBEEFu;
  float d[4] = {1, 2, 3, 4};
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k32.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9, %10, %11}, {%0, %1, %2, %3}, %12, %13;"
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
               : "r"(a[group * 8 + part]), "r"(a[(group + 8) * 8 + part]), "r"(a[group * 8 + part + 4]), "r"(a[(group + 8) * 8 + part + 4]),
                 "r"(b[group * 16 + part]), "r"(b[group * 16 + part + 4]), "r"(b[group * 16 + part + 8]), "r"(b[group * 16 + part + 12]), "r"(where), "n"(selector));
  for (int i = 0; i < 4; ++i)
    c[(group + i / 2 * 8) * 8 + part * 2 + i % 2] = d[i];
}

extern "C" __global__ void firstPair(const unsigned *a, const unsigned *b, const unsigned *positions, float *c) { sparse32<0>(a, b, positions, c); }
extern "C" __global__ void secondPair(const unsigned *a, const unsigned *b, const unsigned *positions, float *c) { sparse32<1>(a, b, positions, c); }

extern "C" __global__ void thirdThread(const unsigned *a, const unsigned *b, const unsigned *positions, float *c) {
  int lane = threadIdx.x, group = lane / 4, part = lane % 4;
  unsigned where = part == 2 ? positions[group] : 0xDEADBEEFu;
  float d[4] = {1, 2, 3, 4};
  asm volatile("mma.sp::ordered_metadata.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6, %7}, {%0, %1, %2, %3}, %8, 2;"
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
               : "r"(a[group * 4 + part]), "r"(a[(group + 8) * 4 + part]), "r"(b[group * 8 + part]), "r"(b[group * 8 + part + 4]), "r"(where));
  for (int i = 0; i < 4; ++i)
    c[(group + i / 2 * 8) * 8 + part * 2 + i % 2] = d[i];
}
