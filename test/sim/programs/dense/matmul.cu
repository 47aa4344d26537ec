// c = a @ b of f32, with 4 x 4 results a thread held in registers, and tiles of 32 x 32 read as vectors.

extern "C" __global__ void matmul(const float *a, const float *b, float *c, int m, int n, int k) {
  __shared__ float4 as[8][8 + 1], bs[8][8];
  int t = threadIdx.x, tx = t % 8, ty = t / 8, row = blockIdx.y * 32, column = blockIdx.x * 32;
  float sum[4][4] = {};
  for (int at = 0; at < k; at += 8) {
    // Each of the 64 threads brings four numbers of a, turned, and four of b.
    for (int j = 0; j < 4; ++j) {
      int r = row + ty * 4 + j, kk = at + tx;
      reinterpret_cast<float *>(&as[tx][ty])[j] = r < m && kk < k ? a[r * k + kk] : 0;
      int kb = at + ty, cb = column + tx * 4 + j;
      reinterpret_cast<float *>(&bs[ty][tx])[j] = kb < k && cb < n ? b[kb * n + cb] : 0;
    }
    __syncthreads();
#pragma unroll
    for (int i = 0; i < 8; ++i) {
      float4 va = as[i][ty], vb = bs[i][tx];
      float fa[4] = {va.x, va.y, va.z, va.w}, fb[4] = {vb.x, vb.y, vb.z, vb.w};
#pragma unroll
      for (int r = 0; r < 4; ++r)
#pragma unroll
        for (int q = 0; q < 4; ++q)
          sum[r][q] += fa[r] * fb[q];
    }
    __syncthreads();
  }
  for (int r = 0; r < 4; ++r)
    for (int q = 0; q < 4; ++q)
      if (row + ty * 4 + r < m && column + tx * 4 + q < n)
        c[(row + ty * 4 + r) * n + column + tx * 4 + q] = sum[r][q];
}
