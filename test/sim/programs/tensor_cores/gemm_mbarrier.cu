// compile: sm_80
// c = a @ b of f16 with roles: a warp that copies, and four that multiply, 16 x 16 each; slots go from hand to hand by
// mbarriers, to which the copies themselves arrive.
#include "../support.cuh"

using half = unsigned short;
constexpr int kSlots = 3;

__device__ void init(unsigned long long *bar, int count) { asm volatile("mbarrier.init.shared.b64 [%0], %1;" ::"r"(sharedAddress(bar)), "r"(count) : "memory"); }

__device__ void await(unsigned long long *bar, unsigned parity) {
  unsigned isDone;
  do
    asm volatile("{\n.reg .pred p;\nmbarrier.test_wait.parity.shared.b64 p, [%1], %2;\nselp.u32 %0, 1, 0, p;\n}"
                 : "=r"(isDone) : "r"(sharedAddress(bar)), "r"(parity) : "memory");
  while (!isDone);
}

extern "C" __global__ void gemm(const half *a, const half *b, float *c, int n, int k) {
  __shared__ __align__(16) half as[kSlots][32][16], bs[kSlots][16][32];
  __shared__ __align__(8) unsigned long long full[kSlots], empty[kSlots];
  int lane = threadIdx.x % 32, warp = threadIdx.x / 32, row = blockIdx.y * 32, column = blockIdx.x * 32;
  if (threadIdx.x == 0)
    for (int s = 0; s < kSlots; ++s) {
      init(&full[s], 32);
      init(&empty[s], 4);
    }
  __syncthreads();
  if (warp == 4) {
    for (int i = 0; i < k / 16; ++i) {
      int s = i % kSlots;
      await(&empty[s], (i / kSlots & 1) ^ 1);
      for (int j = lane; j < 64; j += 32) {
        copyAsync16(&as[s][j / 2][j % 2 * 8], a + (row + j / 2) * k + i * 16 + j % 2 * 8);
        copyAsync16(&bs[s][j / 4][j % 4 * 8], b + (i * 16 + j / 4) * n + column + j % 4 * 8);
      }
      asm volatile("cp.async.mbarrier.arrive.noinc.shared.b64 [%0];" ::"r"(sharedAddress(&full[s])) : "memory");
    }
    return;
  }
  int r = warp / 2 * 16, q = warp % 2 * 16;
  float d[2][4] = {};
  for (int i = 0; i < k / 16; ++i) {
    int s = i % kSlots;
    await(&full[s], i / kSlots & 1);
    __syncwarp();
    unsigned fa[4], fb[4];
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];" : "=r"(fa[0]), "=r"(fa[1]), "=r"(fa[2]), "=r"(fa[3])
                 : "r"(sharedAddress(&as[s][r + lane % 16][lane / 16 * 8])) : "memory");
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];" : "=r"(fb[0]), "=r"(fb[1]), "=r"(fb[2]), "=r"(fb[3])
                 : "r"(sharedAddress(&bs[s][lane % 16][q + lane / 16 * 8])) : "memory");
    __syncwarp();
    if (lane == 0)
      asm volatile("{\n.reg .b64 state;\nmbarrier.arrive.shared.b64 state, [%0];\n}" ::"r"(sharedAddress(&empty[s])) : "memory");
    for (int y = 0; y < 2; ++y)
      asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                   : "+f"(d[y][0]), "+f"(d[y][1]), "+f"(d[y][2]), "+f"(d[y][3])
                   : "r"(fa[0]), "r"(fa[1]), "r"(fa[2]), "r"(fa[3]), "r"(fb[2 * y]), "r"(fb[2 * y + 1]));
  }
  for (int y = 0; y < 2; ++y)
    for (int i = 0; i < 4; ++i)
      c[(row + r + lane / 4 + i / 2 * 8) * n + column + q + y * 8 + lane % 4 * 2 + i % 2] = d[y][i];
}
