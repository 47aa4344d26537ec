// Calls through pointers that differ from lane to lane, from a table in constant memory and from arguments of functions.

using Operation = int (*)(int, int);

__device__ __noinline__ int add(int a, int b) { return a + b; }
__device__ __noinline__ int subtract(int a, int b) { return a - b; }
__device__ __noinline__ int multiply(int a, int b) { return a * b; }
__device__ __noinline__ int larger(int a, int b) { return a > b ? a : b; }

__constant__ Operation operations[4] = {add, subtract, multiply, larger};

__device__ __noinline__ int fold(Operation f, const int *x, int n) {
  int r = x[0];
  for (int i = 1; i < n; ++i)
    r = f(r, x[i]);
  return r;
}

extern "C" __global__ void folds(const int *x, int n, const unsigned char *which, int *y) {
  int t = threadIdx.x;
  Operation f = operations[which[t]], g = operations[which[t] ^ 1];
  y[t] = fold(f, x + t, n);
  y[blockDim.x + t] = fold(which[t] & 1 ? g : f, x + t, n / 2) + g(t, 7);
}
