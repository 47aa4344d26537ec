// compile: sm_80 nvcc lineinfo
// Matrix instructions by hand, since the wrappers are library code. Matrices are row by row.
#include <cuda_fp16.h>

extern "C" {

/// c = a @ b, 16 rows by 8 columns a warp, k a multiple of 16: fragments by ldmatrix.
__global__ void gemmF16(const half *a, const half *b, float *c, int n, int k) {
  __shared__ half as[16][16], bs[16][8];
  int lane = threadIdx.x, row = blockIdx.y * 16, column = blockIdx.x * 8;
  float d[4] = {0, 0, 0, 0};
  for (int at = 0; at < k; at += 16) {
    for (int i = lane; i < 256; i += 32)
      as[i / 16][i % 16] = a[(row + i / 16) * k + at + i % 16];
    for (int i = lane; i < 128; i += 32)
      bs[i / 8][i % 8] = b[(at + i / 8) * n + column + i % 8];
    __syncwarp();
    unsigned fa[4], fb[2];
    unsigned pa = (unsigned)__cvta_generic_to_shared(&as[lane % 16][lane / 16 * 8]), pb = (unsigned)__cvta_generic_to_shared(&bs[lane % 16][0]);
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];" : "=r"(fa[0]), "=r"(fa[1]), "=r"(fa[2]), "=r"(fa[3]) : "r"(pa));
    asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0, %1}, [%2];" : "=r"(fb[0]), "=r"(fb[1]) : "r"(pb));
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                 : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
                 : "r"(fa[0]), "r"(fa[1]), "r"(fa[2]), "r"(fa[3]), "r"(fb[0]), "r"(fb[1]));
    __syncwarp();
  }
  for (int i = 0; i < 4; ++i)
    c[(row + lane / 4 + i / 2 * 8) * n + column + lane % 4 * 2 + i % 2] = d[i];
}

/// One m16n8k32 of bytes, a signed and b not; b is given column by column.
__global__ void mmaI8(const unsigned *a, const unsigned *b, int *c) {
  int lane = threadIdx.x, group = lane / 4, part = lane % 4, d[4];
  // Registers of a row of 32 bytes are 8 words.
  unsigned fa[4] = {a[group * 8 + part], a[(group + 8) * 8 + part], a[group * 8 + part + 4], a[(group + 8) * 8 + part + 4]};
  unsigned fb[2] = {b[group * 8 + part], b[group * 8 + part + 4]};
  asm volatile("mma.sync.aligned.m16n8k32.row.col.s32.s8.u8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %10, %10, %10};"
               : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3])
               : "r"(fa[0]), "r"(fa[1]), "r"(fa[2]), "r"(fa[3]), "r"(fb[0]), "r"(fb[1]), "r"(7));
  for (int i = 0; i < 4; ++i)
    c[(group + i / 2 * 8) * 8 + part * 2 + i % 2] = d[i];
}

/// One m8n8k4 of f64.
__global__ void mmaF64(const double *a, const double *b, double *c) {
  int lane = threadIdx.x, group = lane / 4, part = lane % 4;
  double d[2];
  asm volatile("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%0, %1}, {%2}, {%3}, {%4, %4};" : "=d"(d[0]), "=d"(d[1]) : "d"(a[group * 4 + part]), "d"(b[part * 8 + group]), "d"(0.0));
  for (int i = 0; i < 2; ++i)
    c[group * 8 + part * 2 + i] = d[i];
}

/// A product by wmma, whose fragments only the machine knows.
__global__ void wmmaF16(const half *a, const half *b, float *c) {
  asm volatile("{\n"
               ".reg .b32 a<8>, b<8>;\n.reg .f32 c<8>;\n"
               "wmma.load.a.sync.aligned.row.m16n16k16.f16 {a0, a1, a2, a3, a4, a5, a6, a7}, [%0], 16;\n"
               "wmma.load.b.sync.aligned.col.m16n16k16.f16 {b0, b1, b2, b3, b4, b5, b6, b7}, [%1], 16;\n"
               "wmma.load.c.sync.aligned.row.m16n16k16.f32 {c0, c1, c2, c3, c4, c5, c6, c7}, [%2], 16;\n"
               "wmma.mma.sync.aligned.row.col.m16n16k16.f32.f32 {c0, c1, c2, c3, c4, c5, c6, c7}, {a0, a1, a2, a3, a4, a5, a6, a7}, "
               "{b0, b1, b2, b3, b4, b5, b6, b7}, {c0, c1, c2, c3, c4, c5, c6, c7};\n"
               "wmma.store.d.sync.aligned.col.m16n16k16.f32 [%2], {c0, c1, c2, c3, c4, c5, c6, c7}, 16;\n}" ::"l"(a), "l"(b), "l"(c) : "memory");
}

__global__ void transpose(const unsigned *x, unsigned *y) {
  unsigned d;
  asm volatile("movmatrix.sync.aligned.m8n8.trans.b16 %0, %1;" : "=r"(d) : "r"(x[threadIdx.x]));
  y[threadIdx.x] = d;
}

/// Half of the warp is missing.
__global__ void alone(double *c) {
  double d0, d1;
  if (threadIdx.x < 16) {
    asm volatile("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%0, %1}, {%2}, {%2}, {%2, %2};" : "=d"(d0), "=d"(d1) : "d"(1.0));
    c[threadIdx.x] = d0 + d1;
  } else {
    asm volatile("bar.sync 3, 64;");
  }
}
}
