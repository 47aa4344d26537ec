// compile: sm_80
// c = a @ b of f16 with f32 sums: blocks of 64 x 64 by four warps, three stages of cp.async, ldmatrix from rows whose pieces
// of 16 bytes change places, so that no two rows of a matrix meet in a bank. Any number of rows.
#include "../support.cuh"

using half = unsigned short;
constexpr int kStages = 3, kDepth = 32;

struct Stage {
  half a[64][kDepth], b[kDepth][64];
};

/// Where the piece is in a row of four, or of eight.
__device__ half *pieceOfA(Stage &s, int row, int piece) { return &s.a[row][(piece ^ (row / 2 & 3)) * 8]; }
__device__ half *pieceOfB(Stage &s, int row, int piece) { return &s.b[row][(piece ^ (row & 7)) * 8]; }

__device__ void fetch(Stage &s, const half *a, const half *b, int m, int n, int k, int at) {
  for (int i = threadIdx.x; i < 256; i += 128) {
    int row = i / 4, piece = i % 4, from = blockIdx.y * 64 + row;
    // Rows beyond the last are zeros: nothing is read for them.
    int bytes = from < m ? 16 : 0;
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(sharedAddress(pieceOfA(s, row, piece))),
                 "l"(a + (size_t)min(from, m - 1) * k + at + piece * 8), "r"(bytes) : "memory");
    copyAsync16(pieceOfB(s, i / 8, i % 8), b + (size_t)(at + i / 8) * n + blockIdx.x * 64 + i % 8 * 8);
  }
}

extern "C" __global__ void gemm(const half *a, const half *b, float *c, int m, int n, int k) {
  extern __shared__ __align__(16) char room[];
  Stage *stages = (Stage *)room;
  int lane = threadIdx.x % 32, warp = threadIdx.x / 32, row = warp / 2 * 32, column = warp % 2 * 32;
  float d[2][4][4] = {};
  int tiles = k / kDepth;
  for (int i = 0; i < kStages - 1; ++i) {
    if (i < tiles)
      fetch(stages[i], a, b, m, n, k, i * kDepth);
    commitCopies();
  }
  for (int i = 0; i < tiles; ++i) {
    awaitCopies<kStages - 2>();
    __syncthreads();
    Stage &s = stages[i % kStages];
#pragma unroll
    for (int kk = 0; kk < kDepth; kk += 16) {
      unsigned fa[2][4], fb[2][4];
#pragma unroll
      for (int j = 0; j < 2; ++j) {
        asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];" : "=r"(fa[j][0]), "=r"(fa[j][1]), "=r"(fa[j][2]), "=r"(fa[j][3])
                     : "r"(sharedAddress(pieceOfA(s, row + j * 16 + lane % 16, kk / 8 + lane / 16))) : "memory");
        asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];" : "=r"(fb[j][0]), "=r"(fb[j][1]), "=r"(fb[j][2]), "=r"(fb[j][3])
                     : "r"(sharedAddress(pieceOfB(s, kk + lane % 16, (column + j * 16) / 8 + lane / 16))) : "memory");
      }
#pragma unroll
      for (int x = 0; x < 2; ++x)
#pragma unroll
        for (int y = 0; y < 4; ++y)
          asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                       : "+f"(d[x][y][0]), "+f"(d[x][y][1]), "+f"(d[x][y][2]), "+f"(d[x][y][3])
                       : "r"(fa[x][0]), "r"(fa[x][1]), "r"(fa[x][2]), "r"(fa[x][3]), "r"(fb[y / 2][y % 2 * 2]), "r"(fb[y / 2][y % 2 * 2 + 1]));
    }
    // The stage that everybody has left, by the barrier above.
    if (i + kStages - 1 < tiles)
      fetch(stages[(i + kStages - 1) % kStages], a, b, m, n, k, (i + kStages - 1) * kDepth);
    commitCopies();
  }
  for (int x = 0; x < 2; ++x)
    for (int y = 0; y < 4; ++y)
      for (int i = 0; i < 2; ++i) {
        int r = blockIdx.y * 64 + row + x * 16 + lane / 4 + i * 8;
        if (r < m)
          *(float2 *)&c[(size_t)r * n + blockIdx.x * 64 + column + y * 8 + lane % 4 * 2] = make_float2(d[x][y][2 * i], d[x][y][2 * i + 1]);
      }
}
