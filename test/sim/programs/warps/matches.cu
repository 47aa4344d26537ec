// match.any and match.all, of 32 and of 64 bits.

extern "C" __global__ void matches(const unsigned *x, const unsigned long long *w, unsigned *y, int *all) {
  int lane = threadIdx.x, i = blockIdx.x * 32 + lane, isSame;
  y[i] = __match_any_sync(~0u, x[i]);
  y[i + gridDim.x * 32] = __match_any_sync(~0u, w[i]);
  unsigned members = __match_all_sync(~0u, x[i], &isSame);
  all[i] = isSame ? (members == ~0u ? 1 : -1) : (members == 0 ? 0 : -2);
  // Of a part of the warp.
  unsigned part = lane < 20 ? 0x000FFFFFu : 0xFFF00000u;
  y[i + gridDim.x * 64] = __match_any_sync(part, x[i]);
}
