// Numbers of 1024 bits: sums with carries from register to register, products of words, a remainder by a small number.

constexpr int kWords = 32;

extern "C" __global__ void big(const unsigned *a, const unsigned *b, unsigned *sums, unsigned *products, unsigned *rests) {
  int t = threadIdx.x;
  const unsigned *x = a + t * kWords, *y = b + t * kWords;
  unsigned carry = 0;
  for (int i = 0; i < kWords; i += 4)
    asm volatile("{\n.reg .u32 t;\nadd.cc.u32 t, %4, 0xffffffff;\naddc.cc.u32 %0, %5, %9;\naddc.cc.u32 %1, %6, %10;\n"
                 "addc.cc.u32 %2, %7, %11;\naddc.cc.u32 %3, %8, %12;\naddc.u32 %4, 0, 0;\n}"
                 : "=&r"(sums[t * kWords + i]), "=&r"(sums[t * kWords + i + 1]), "=&r"(sums[t * kWords + i + 2]), "=&r"(sums[t * kWords + i + 3]), "+r"(carry)
                 : "r"(x[i]), "r"(x[i + 1]), "r"(x[i + 2]), "r"(x[i + 3]), "r"(y[i]), "r"(y[i + 1]), "r"(y[i + 2]), "r"(y[i + 3]));
  unsigned *p = products + t * 2 * kWords;
  for (int i = 0; i < kWords; ++i) {
    unsigned high = 0;
    for (int j = 0; j < kWords; ++j) {
      unsigned low, next;
      // x * y + p + high fits two words.
      asm("mad.lo.cc.u32 %0, %2, %3, %4;\nmadc.hi.u32 %1, %2, %3, 0;\nadd.cc.u32 %0, %0, %5;\naddc.u32 %1, %1, 0;" : "=&r"(low), "=&r"(next) : "r"(x[i]), "r"(y[j]), "r"(p[i + j]), "r"(high));
      p[i + j] = low;
      high = next;
    }
    p[i + kWords] = high;
  }
  unsigned long long rest = 0;
  for (int i = kWords - 1; i >= 0; --i)
    rest = (rest << 32 | x[i]) % 1000000007u;
  rests[t] = rest;
}
