// A fast Fourier transform of 256 complex f32 a block, by Stockham's order between two buffers in shared memory.

extern "C" __global__ void fft(const float2 *x, const float2 *roots, float2 *y) {
  __shared__ float2 buffers[2][256];
  int t = threadIdx.x, from = 0;
  buffers[0][t] = x[blockIdx.x * 256 + t];
  buffers[0][t + 128] = x[blockIdx.x * 256 + t + 128];
  __syncthreads();
  for (int half = 1; half < 256; half *= 2) {
    int k = t & (half - 1), at = (t - k) * 2 + k;
    float2 a = buffers[from][t], b = buffers[from][t + 128], w = roots[k * (128 / half)];
    float2 bw = make_float2(b.x * w.x - b.y * w.y, b.x * w.y + b.y * w.x);
    buffers[1 - from][at] = make_float2(a.x + bw.x, a.y + bw.y);
    buffers[1 - from][at + half] = make_float2(a.x - bw.x, a.y - bw.y);
    from = 1 - from;
    __syncthreads();
  }
  y[blockIdx.x * 256 + t] = buffers[from][t];
  y[blockIdx.x * 256 + t + 128] = buffers[from][t + 128];
}
