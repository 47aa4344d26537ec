// compile: sm_80
// Attention by tensor cores: a warp has 16 queries; scores stay in registers, and become the first operand of the second
// product. Keys and values of 16 a step.
#include "../support.cuh"

using half = unsigned short;
constexpr float kLog2E = 1.44269504f;

__device__ void multiply(float (&d)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

/// q, k and v have rows of 16; queries and keys are multiples of 16.
extern "C" __global__ void attention(const half *q, const half *k, const half *v, float *out, int keys) {
  __shared__ __align__(16) half ks[16][16], vs[16][16];
  int lane = threadIdx.x, group = lane / 4, part = lane % 4;
  const unsigned *rows = (const unsigned *)(q + (size_t)blockIdx.x * 256);
  unsigned fq[4] = {rows[group * 8 + part], rows[(group + 8) * 8 + part], rows[group * 8 + part + 4], rows[(group + 8) * 8 + part + 4]};
  float most[2] = {-3.402823e38f, -3.402823e38f}, sum[2] = {0, 0}, o[2][4] = {};
  for (int base = 0; base < keys; base += 16) {
    // Two lanes a row.
    *(uint4 *)&ks[lane / 2][lane % 2 * 8] = *(const uint4 *)(k + (base + lane / 2) * 16 + lane % 2 * 8);
    *(uint4 *)&vs[lane / 2][lane % 2 * 8] = *(const uint4 *)(v + (base + lane / 2) * 16 + lane % 2 * 8);
    __syncwarp();
    unsigned fk[4], fv[4];
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];" : "=r"(fk[0]), "=r"(fk[1]), "=r"(fk[2]), "=r"(fk[3])
                 : "r"(sharedAddress(&ks[lane % 8 + lane / 16 * 8][lane / 8 % 2 * 8])) : "memory");
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];" : "=r"(fv[0]), "=r"(fv[1]), "=r"(fv[2]), "=r"(fv[3])
                 : "r"(sharedAddress(&vs[lane % 16][lane / 16 * 8])) : "memory");
    float s[2][4] = {};
    multiply(s[0], fq, fk[0], fk[1]);
    multiply(s[1], fq, fk[2], fk[3]);
    unsigned fp[4];
    for (int r = 0; r < 2; ++r) {
      float tile = fmaxf(fmaxf(s[0][2 * r], s[0][2 * r + 1]), fmaxf(s[1][2 * r], s[1][2 * r + 1]));
      tile = fmaxf(tile, __shfl_xor_sync(~0u, tile, 1));
      tile = fmaxf(tile, __shfl_xor_sync(~0u, tile, 2));
      float now = fmaxf(most[r], tile), shrink = exp2Approx((most[r] - now) * kLog2E);
      most[r] = now;
      float total = 0;
      for (int y = 0; y < 2; ++y) {
        float low = exp2Approx((s[y][2 * r] - now) * kLog2E), high = exp2Approx((s[y][2 * r + 1] - now) * kLog2E);
        fp[2 * y + r] = packF16(low, high);
        // The sum is that of the rounded numbers, which are multiplied.
        total += fromF16((half)fp[2 * y + r]) + fromF16((half)(fp[2 * y + r] >> 16));
      }
      total += __shfl_xor_sync(~0u, total, 1);
      total += __shfl_xor_sync(~0u, total, 2);
      sum[r] = sum[r] * shrink + total;
      for (int y = 0; y < 2; ++y) {
        o[y][2 * r] *= shrink;
        o[y][2 * r + 1] *= shrink;
      }
    }
    multiply(o[0], fp, fv[0], fv[1]);
    multiply(o[1], fp, fv[2], fv[3]);
    __syncwarp();
  }
  for (int y = 0; y < 2; ++y)
    for (int i = 0; i < 4; ++i)
      out[(blockIdx.x * 16 + group + i / 2 * 8) * 16 + y * 8 + part * 2 + i % 2] = o[y][i] / sum[i / 2];
}
