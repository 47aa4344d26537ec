// Every kind of shuffle, with parts of a warp of every width, and 64-bit values.

extern "C" __global__ void shuffles(const int *x, const double *d, int *y, double *e) {
  int lane = threadIdx.x, v = x[lane], at = 0;
  auto put = [&](int r) { y[at++ * 32 + lane] = r; };
#pragma unroll
  for (int width = 1; width <= 32; width *= 2) {
    put(__shfl_sync(~0u, v, lane * 7 + 3, width));
    put(__shfl_up_sync(~0u, v, 3, width));
    put(__shfl_down_sync(~0u, v, 5, width));
    put(__shfl_xor_sync(~0u, v, 9, width));
  }
  e[lane] = __shfl_sync(~0u, d[lane], 31 - lane);
  e[32 + lane] = __shfl_up_sync(~0u, d[lane], 1, 8);
}
