// What tile-sim runs in tests and in benchmarks. scripts/compile_sim_programs.sh makes the .ptx beside it, with nvcc 13.
// A product of f16 matrices as one writes it for speed: three stages of cp.async, ldmatrix, mma.sync.
#include <cuda_fp16.h>

constexpr int kM = 128, kN = 128, kK = 32, kStages = 3, kThreads = 256;

/// Shared memory is in chunks of 16 bytes, 8 elements; the chunk of a row is moved so that ldmatrix reads all banks.
__device__ int chunkOfA(int row, int chunk) { return row * (kK / 8) + (chunk ^ (row / 2 % 4)); }
__device__ int chunkOfB(int row, int chunk) { return row * (kN / 8) + (chunk ^ (row % 8)); }

__device__ void copy16(uint4 *to, const half *from) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"((unsigned)__cvta_generic_to_shared(to)), "l"(from) : "memory");
}

/// c = a @ b, row by row; m and n are multiples of 128, k of 32. A block has 256 threads and computes 128 x 128 elements,
/// a warp 64 x 32.
extern "C" __global__ void __launch_bounds__(kThreads) gemm(const half *a, const half *b, float *c, int n, int k) {
  __shared__ uint4 as[kStages][kM * kK / 8], bs[kStages][kK * kN / 8];
  int thread = threadIdx.x, lane = thread % 32, warp = thread / 32;
  int warpRow = warp / 4 * 64, warpColumn = warp % 4 * 32;
  const half *blockA = a + size_t(blockIdx.y) * kM * k, *blockB = b + blockIdx.x * kN;
  int tiles = k / kK;

  auto fetch = [&](int tile) {
    int stage = tile % kStages;
    if (tile < tiles)
      for (int i = thread; i < kM * kK / 8; i += kThreads) {
        copy16(&as[stage][chunkOfA(i / 4, i % 4)], blockA + size_t(i / 4) * k + tile * kK + i % 4 * 8);
        copy16(&bs[stage][chunkOfB(i / 16, i % 16)], blockB + size_t(tile * kK + i / 16) * n + i % 16 * 8);
      }
    asm volatile("cp.async.commit_group;");
  };

  float d[4][4][4] = {};
  fetch(0);
  fetch(1);
  for (int tile = 0; tile < tiles; ++tile) {
    asm volatile("cp.async.wait_group 1;" ::: "memory");
    // Everybody's copies have come, and nobody reads the stage that is filled next.
    __syncthreads();
    fetch(tile + 2);
    const uint4 *sa = as[tile % kStages], *sb = bs[tile % kStages];
#pragma unroll
    for (int step = 0; step < kK / 16; ++step) {
      unsigned fa[4][4], fb[4][2];
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        unsigned from = (unsigned)__cvta_generic_to_shared(&sa[chunkOfA(warpRow + i * 16 + lane % 16, step * 2 + lane / 16)]);
        asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                     : "=r"(fa[i][0]), "=r"(fa[i][1]), "=r"(fa[i][2]), "=r"(fa[i][3]) : "r"(from) : "memory");
      }
#pragma unroll
      for (int j = 0; j < 4; j += 2) {
        unsigned from = (unsigned)__cvta_generic_to_shared(&sb[chunkOfB(step * 16 + lane % 16, warpColumn / 8 + j + lane / 16)]);
        asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                     : "=r"(fb[j][0]), "=r"(fb[j][1]), "=r"(fb[j + 1][0]), "=r"(fb[j + 1][1]) : "r"(from) : "memory");
      }
#pragma unroll
      for (int i = 0; i < 4; ++i)
#pragma unroll
        for (int j = 0; j < 4; ++j)
          asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                       : "+f"(d[i][j][0]), "+f"(d[i][j][1]), "+f"(d[i][j][2]), "+f"(d[i][j][3])
                       : "r"(fa[i][0]), "r"(fa[i][1]), "r"(fa[i][2]), "r"(fa[i][3]), "r"(fb[j][0]), "r"(fb[j][1]));
    }
  }
  float *blockC = c + size_t(blockIdx.y * kM + warpRow) * n + blockIdx.x * kN + warpColumn;
#pragma unroll
  for (int i = 0; i < 4; ++i)
#pragma unroll
    for (int j = 0; j < 4; ++j)
#pragma unroll
      for (int half = 0; half < 2; ++half)
        *reinterpret_cast<float2 *>(blockC + size_t(i * 16 + half * 8 + lane / 4) * n + j * 8 + lane % 4 * 2) =
            make_float2(d[i][j][2 * half], d[i][j][2 * half + 1]);
}
