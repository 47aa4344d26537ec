// Barriers that count, and combine, what threads bring, in blocks whose last warp is not whole.

extern "C" __global__ void count(const int *x, int *counts, int *all, int *any) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  int c = __syncthreads_count(x[i] > 0);
  int a = __syncthreads_and(x[i] > -5), o = __syncthreads_or(x[i] == 9);
  counts[i] = c;
  all[i] = a != 0;
  any[i] = o != 0;
}
