// compile: sm_80
// c = a @ b of f64 by m8n8k4, four warps a block of 16 x 16, tiles in shared memory.

extern "C" __global__ void gemm(const double *a, const double *b, double *c, int n, int k) {
  __shared__ double as[16][8 + 1], bs[8][16 + 1];
  int t = threadIdx.x, lane = t % 32, warp = t / 32, group = lane / 4, part = lane % 4;
  int row = warp / 2 * 8, column = warp % 2 * 8;
  double d[2] = {0, 0};
  for (int at = 0; at < k; at += 8) {
    as[t / 8][t % 8] = a[(blockIdx.y * 16 + t / 8) * k + at + t % 8];
    bs[t / 16][t % 16] = b[(at + t / 16) * n + blockIdx.x * 16 + t % 16];
    __syncthreads();
#pragma unroll
    for (int i = 0; i < 8; i += 4)
      asm volatile("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%0, %1}, {%2}, {%3}, {%0, %1};"
                   : "+d"(d[0]), "+d"(d[1]) : "d"(as[row + group][i + part]), "d"(bs[i + part][column + group]));
    __syncthreads();
  }
  for (int i = 0; i < 2; ++i)
    c[(blockIdx.y * 16 + row + group) * n + blockIdx.x * 16 + column + part * 2 + i] = d[i];
}
