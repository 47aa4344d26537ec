// Quotients and remainders of all widths, by variables and by constants, which compilers make products and calls of.

template <typename T> __device__ void both(const T *a, const T *b, T *y, int i, int n) {
  y[i] = a[i] / b[i];
  y[i + n] = a[i] % b[i];
  y[i + 2 * n] = a[i] / T(7);
  y[i + 3 * n] = a[i] % T(100);
}

extern "C" __global__ void divideI64(const long long *a, const long long *b, long long *y, int n) { both(a, b, y, threadIdx.x, n); }
extern "C" __global__ void divideU64(const unsigned long long *a, const unsigned long long *b, unsigned long long *y, int n) { both(a, b, y, threadIdx.x, n); }
extern "C" __global__ void divideI32(const int *a, const int *b, int *y, int n) { both(a, b, y, threadIdx.x, n); }
extern "C" __global__ void divideU32(const unsigned *a, const unsigned *b, unsigned *y, int n) { both(a, b, y, threadIdx.x, n); }
extern "C" __global__ void divideI16(const short *a, const short *b, short *y, int n) { both(a, b, y, threadIdx.x, n); }
extern "C" __global__ void divideU8(const unsigned char *a, const unsigned char *b, unsigned char *y, int n) { both(a, b, y, threadIdx.x, n); }
