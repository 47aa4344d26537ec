// Instructions on bits: counts, places, reversals, fields, permutes, funnel shifts, the n-th one, three-input logic.

extern "C" __global__ void bits(const unsigned *x, const unsigned *w, unsigned *y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x, at = 0;
  if (i >= n)
    return;
  unsigned a = x[i], b = w[i], d;
  unsigned long long ab = (unsigned long long)a << 32 | b;
  auto put = [&](unsigned v) { y[at++ * n + i] = v; };
  put(__popc(a));
  put(__popcll(ab));
  put(__clz(a));
  put(__clzll(ab >> (b & 63)));
  put(__ffs(a));
  put(__ffsll(ab << (a & 63)));
  put(__brev(a));
  put((unsigned)(__brevll(ab) >> 16));
  put(__byte_perm(a, b, b & 0x7777));
  put(__funnelshift_l(a, b, b));
  put(__funnelshift_r(a, b, b));
  put(__funnelshift_lc(a, b, b & 63));
  put(__funnelshift_rc(a, b, b & 63));
  asm("bfe.u32 %0, %1, %2, %3;" : "=r"(d) : "r"(a), "r"(b & 63), "r"(b >> 8 & 63));
  put(d);
  asm("bfe.s32 %0, %1, %2, %3;" : "=r"(d) : "r"(a), "r"(b & 31), "r"(b >> 8 & 31));
  put(d);
  asm("bfi.b32 %0, %1, %2, %3, %4;" : "=r"(d) : "r"(a), "r"(b), "r"(b & 31), "r"(b >> 8 & 31));
  put(d);
  asm("lop3.b32 %0, %1, %2, %3, 0xca;" : "=r"(d) : "r"(a), "r"(b), "r"(a * 5 + b));
  put(d);
  asm("bfind.s32 %0, %1;" : "=r"(d) : "r"(a));
  put(d);
  asm("bfind.shiftamt.u32 %0, %1;" : "=r"(d) : "r"(a));
  put(d);
  asm("bmsk.clamp.b32 %0, %1, %2;" : "=r"(d) : "r"(b & 31), "r"(b >> 8 & 31));
  put(d);
  asm("prmt.b32.rc8 %0, %1, %2, %3;" : "=r"(d) : "r"(a), "r"(b), "r"(a & 3));
  put(d);
  asm("sad.s32 %0, %1, %2, %3;" : "=r"(d) : "r"(a), "r"(b), "r"(17u));
  put(d);
}
