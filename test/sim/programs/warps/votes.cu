// all, any, ballot and uni, of whole warps and of parts that took one side of a branch.

extern "C" __global__ void votes(const int *x, unsigned *y) {
  int lane = threadIdx.x, v = x[blockIdx.x * 32 + lane];
  unsigned *out = y + blockIdx.x * 32 * 6;
  out[lane] = __all_sync(~0u, v > 0);
  out[32 + lane] = __any_sync(~0u, v > 2);
  out[64 + lane] = __ballot_sync(~0u, v & 1);
  unsigned odd = __ballot_sync(~0u, v & 1);
  unsigned inner, isUniform;
  if (v & 1)
    inner = __ballot_sync(odd, v > 1) | __all_sync(odd, v == 1) << 31;
  else
    inner = __ballot_sync(~odd, v > 1);
  out[96 + lane] = inner;
  asm volatile("{\n.reg .pred p, q;\nsetp.gt.s32 p, %1, 1;\nvote.sync.uni.pred q, p, 0xffffffff;\nselp.u32 %0, 1, 0, q;\n}" : "=r"(isUniform) : "r"(v));
  out[128 + lane] = isUniform;
  // Lanes that have left do not vote.
  if (lane % 5 == 0) {
    out[160 + lane] = 0xDEAD;
    return;
  }
  out[160 + lane] = __activemask();
}
