// compile: sm_80
// redux: one instruction that reduces a warp, or a part of it.

extern "C" __global__ void reductions(const int *x, int *sums, int *least, int *most, unsigned *unsignedLeast, unsigned *unsignedMost, unsigned *bits) {
  int i = blockIdx.x * 32 + threadIdx.x, v = x[i];
  sums[i] = __reduce_add_sync(~0u, v);
  least[i] = __reduce_min_sync(~0u, v);
  most[i] = __reduce_max_sync(~0u, v);
  unsignedLeast[i] = __reduce_min_sync(~0u, (unsigned)v);
  unsignedMost[i] = __reduce_max_sync(~0u, (unsigned)v);
  unsigned odd = __ballot_sync(~0u, v & 1);
  if (v & 1)
    bits[i] = __reduce_xor_sync(odd, (unsigned)v) ^ __reduce_or_sync(odd, (unsigned)v);
  else
    bits[i] = __reduce_and_sync(~odd, (unsigned)v) + __reduce_or_sync(~odd, (unsigned)v);
}
