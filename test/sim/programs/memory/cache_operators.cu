// compile: sm_80
// Loads, stores and prefetches that say how caches should treat them, which changes no value.
extern "C" __global__ void copies(const uint4 *x, uint4 *y, unsigned *sums) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  const uint4 *from = x + i;
  uint4 *to = y + i;
  asm volatile("prefetch.global.L1 [%0]; prefetch.global.L2 [%0]; prefetch.L2 [%0]; prefetchu.L1 [%0];\n"
               "prefetch.global.L2::evict_last [%0];" ::"l"(from));
  unsigned a, b, c, d, e, f, g, h;
  asm volatile("ld.global.ca.u32 %0, [%1];" : "=r"(a) : "l"(from));
  asm volatile("ld.global.cg.u32 %0, [%1+4];" : "=r"(b) : "l"(from));
  asm volatile("ld.global.cs.u32 %0, [%1+8];" : "=r"(c) : "l"(from));
  asm volatile("ld.global.lu.u32 %0, [%1+12];" : "=r"(d) : "l"(from));
  asm volatile("ld.global.cv.u32 %0, [%1];" : "=r"(e) : "l"(from));
  asm volatile("ld.global.nc.L1::no_allocate.L2::128B.u32 %0, [%1+4];" : "=r"(f) : "l"(from));
  asm volatile("ld.global.L1::evict_last.u32 %0, [%1+8];" : "=r"(g) : "l"(from));
  asm volatile("{\n.reg .b64 policy;\ncreatepolicy.fractional.L2::evict_first.b64 policy, 0.5;\n"
               "ld.global.L2::cache_hint.u32 %0, [%1+12], policy;\n}"
               : "=r"(h)
               : "l"(from));
  sums[i] = a + b + c + d + 3 * (e + f + g + h);
  asm volatile("st.global.wb.u32 [%0], %1;\nst.global.cg.u32 [%0+4], %2;\nst.global.cs.u32 [%0+8], %3;\n"
               "st.global.wt.u32 [%0+12], %4;" ::"l"(to),
               "r"(a), "r"(b), "r"(c), "r"(d)
               : "memory");
}
