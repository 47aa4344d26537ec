// A step of clustering: the nearest centre of each point, and sums and counts of each cluster in fixed point.

extern "C" __global__ void assign(const short2 *points, int n, const short2 *centres, int k, unsigned char *nearest, int *sums) {
  extern __shared__ int local[];
  for (int i = threadIdx.x; i < 3 * k; i += blockDim.x)
    local[i] = 0;
  __syncthreads();
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    short2 p = points[i];
    int best = 0x7FFFFFFF, which = 0;
    for (int c = 0; c < k; ++c) {
      int dx = p.x - centres[c].x, dy = p.y - centres[c].y, d = dx * dx + dy * dy;
      if (d < best) {
        best = d;
        which = c;
      }
    }
    nearest[i] = which;
    atomicAdd(&local[3 * which], p.x);
    atomicAdd(&local[3 * which + 1], p.y);
    atomicAdd(&local[3 * which + 2], 1);
  }
  __syncthreads();
  for (int j = threadIdx.x; j < 3 * k; j += blockDim.x)
    atomicAdd(&sums[j], local[j]);
}
