// What several of the programs need, in inline PTX, so that no library's code comes into theirs.
#pragma once

__device__ inline unsigned sharedAddress(const void *p) { return (unsigned)__cvta_generic_to_shared(p); }

__device__ inline unsigned loadAcquire(const unsigned *p) {
  unsigned v;
  asm volatile("ld.acquire.gpu.u32 %0, [%1];" : "=r"(v) : "l"(p) : "memory");
  return v;
}

__device__ inline void storeRelease(unsigned *p, unsigned v) {
  asm volatile("st.release.gpu.u32 [%0], %1;" ::"l"(p), "r"(v) : "memory");
}

__device__ inline unsigned loadRelaxed(const unsigned *p) {
  unsigned v;
  asm volatile("ld.relaxed.gpu.u32 %0, [%1];" : "=r"(v) : "l"(p) : "memory");
  return v;
}

/// 2 to the power of x.
__device__ inline float exp2Approx(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

// Numbers of 16 bits are kept in unsigned short, pairs of them in unsigned.
__device__ inline float fromF16(unsigned short x) {
  float y;
  asm("cvt.f32.f16 %0, %1;" : "=f"(y) : "h"(x));
  return y;
}

__device__ inline unsigned short toF16(float x) {
  unsigned short y;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(y) : "f"(x));
  return y;
}

__device__ inline float fromBF16(unsigned short x) { return __uint_as_float((unsigned)x << 16); }

__device__ inline unsigned packF16(float low, float high) { return toF16(low) | (unsigned)toF16(high) << 16; }

__device__ inline void copyAsync16(void *to, const void *from) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(sharedAddress(to)), "l"(from) : "memory");
}

__device__ inline void commitCopies() { asm volatile("cp.async.commit_group;" ::: "memory"); }

/// Waits until at most `left` of this thread's groups of copies are on their way.
template <int left> __device__ inline void awaitCopies() { asm volatile("cp.async.wait_group %0;" ::"n"(left) : "memory"); }
