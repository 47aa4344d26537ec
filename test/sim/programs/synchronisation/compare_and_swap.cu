// Atomics that the machine does not have, out of compare-and-swap: products, the largest f32, bytes, 16 bits.

extern "C" __global__ void loops(const float *x, int n, unsigned *product, float *most, unsigned *bytes, unsigned short *halves) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    return;
  unsigned old = *(volatile unsigned *)product, seen;
  do {
    seen = old;
    old = atomicCAS(product, seen, seen * (2 * i + 3));
  } while (old != seen);

  int bits = *(volatile int *)most;
  while (__int_as_float(bits) < x[i]) {
    int was = atomicCAS((int *)most, bits, __float_as_int(x[i]));
    if (was == bits)
      break;
    bits = was;
  }

  // The byte i % 8 counts modulo 256.
  unsigned *word = bytes + i % 8 / 4, shift = i % 4 * 8;
  old = *(volatile unsigned *)word;
  do {
    seen = old;
    unsigned byte = (seen >> shift) + 1 & 255;
    old = atomicCAS(word, seen, (seen & ~(255u << shift)) | byte << shift);
  } while (old != seen);

  unsigned short *half = halves + i % 3, h = *(volatile unsigned short *)half, s;
  do {
    s = h;
    asm volatile("atom.global.cas.b16 %0, [%1], %2, %3;" : "=h"(h) : "l"(half), "h"(s), "h"((unsigned short)(s + i)) : "memory");
  } while (h != s);
}
