// An inclusive scan of a block by doubling steps, between two buffers.

extern "C" __global__ void inclusiveScan(const int *x, int *y, int n) {
  extern __shared__ int buffers[];
  int t = threadIdx.x, from = 0, size = blockDim.x;
  buffers[t] = t < n ? x[t] : 0;
  __syncthreads();
  for (int step = 1; step < n; step *= 2) {
    int *in = buffers + from * size, *out = buffers + (1 - from) * size;
    out[t] = t >= step ? in[t] + in[t - step] : in[t];
    from = 1 - from;
    __syncthreads();
  }
  if (t < n)
    y[t] = buffers[from * size + t];
}
