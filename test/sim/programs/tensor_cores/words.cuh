// Products of matrices by mma.sync on fragments from global memory. A row of a, and a column of b, is some 32-bit words,
// with as many elements in each as fit: the fragments of all types with sixteen rows are the same in words.
#pragma once

/// c = a @ b, a warp a piece of 16 x 8: `multiply(d, a, b)` takes eight words of each row and column.
template <typename T, typename Multiply>
__device__ void multiplyWords(const unsigned *a, const unsigned *b, T *c, int n, int words, Multiply multiply) {
  int lane = threadIdx.x, group = lane / 4, part = lane % 4;
  const unsigned *rows = a + (blockIdx.y * 16 + group) * words + part, *columns = b + (blockIdx.x * 8 + group) * words + part;
  T d[4] = {};
  for (int k = 0; k < words; k += 8) {
    unsigned fa[4] = {rows[k], rows[8 * words + k], rows[k + 4], rows[8 * words + k + 4]};
    unsigned fb[2] = {columns[k], columns[k + 4]};
    multiply(d, fa, fb);
  }
  for (int i = 0; i < 4; ++i)
    c[(blockIdx.y * 16 + group + i / 2 * 8) * n + blockIdx.x * 8 + part * 2 + i % 2] = d[i];
}

/// An instruction of this shape, by its name.
#define MMA_WORDS(name, constraint)                                                                                      \
  [](auto(&d)[4], const unsigned(&a)[4], const unsigned(&b)[2]) {                                                        \
    asm volatile("mma.sync.aligned." name " {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"             \
                 : "+" constraint(d[0]), "+" constraint(d[1]), "+" constraint(d[2]), "+" constraint(d[3])                \
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));                                    \
  }
