// A function that takes any number of arguments, of two types, directly and through a pointer.
#include <cstdarg>

__device__ __noinline__ long long sum(const char *types, ...) {
  va_list rest;
  va_start(rest, types);
  long long total = 0;
  for (; *types; ++types)
    total += *types == 'i' ? va_arg(rest, int) : va_arg(rest, long long);
  va_end(rest);
  return total;
}

__device__ __noinline__ long long product(const char *types, ...) {
  va_list rest;
  va_start(rest, types);
  long long total = 1;
  for (; *types; ++types)
    total *= *types == 'i' ? va_arg(rest, int) : va_arg(rest, long long);
  va_end(rest);
  return total;
}

extern "C" __global__ void totals(const int *x, long long *y) {
  int i = threadIdx.x;
  long long wide = (long long)x[i] << 33;
  long long (*either)(const char *, ...) = x[i] % 2 ? sum : product;
  y[4 * i] = sum("");
  y[4 * i + 1] = sum("iiii", x[i], 1, 2, i);
  y[4 * i + 2] = sum("iwi", x[i], wide, -x[i]);
  y[4 * i + 3] = either("wiw", wide, x[i], 3ll);
}
