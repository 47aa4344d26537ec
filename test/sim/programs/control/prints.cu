// What threads print: numbers, texts and conversions of all kinds, and the count that printf returns.
#include <cstdio>

__device__ const char *const names[3] = {"zero", "one", "two"};

extern "C" __global__ void report(const double *x, int *counts) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i % 3 == 0)
    counts[i] = printf("%d|%5d|%-5d|%05d|%+d|%u|%x|%#X|%o\n", i, i, i, i, i, i * 100, i * 100, i * 100, i * 100);
  else if (i % 3 == 1)
    counts[i] = printf("%d|%s|%c|%%|%.3s|%8s\n", i, names[i % 3], 'a' + i % 26, "truncated", "right");
  else
    counts[i] = printf("%d|%f|%.2e|%g|%10.3f|%lld|%llx\n", i, x[i], x[i], x[i], (double)(float)x[i], (long long)i << 40, -1ll * i);
}
