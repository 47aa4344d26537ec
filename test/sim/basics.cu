// compile: nvcc lineinfo
#include <cstdio>

extern "C" {

__global__ void saxpy(const float *x, float *y, float a, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    y[i] = a * x[i] + y[i];
}

/// The sum of each block: lanes by shuffles, warps through shared memory.
__global__ void blockSums(const int *x, int *sums, int n) {
  __shared__ int parts[32];
  int i = blockIdx.x * blockDim.x + threadIdx.x, lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
  int v = i < n ? x[i] : 0;
  for (int o = 16; o; o >>= 1)
    v += __shfl_down_sync(~0u, v, o);
  if (lane == 0)
    parts[warp] = v;
  __syncthreads();
  if (warp == 0) {
    v = lane < (blockDim.x + 31) / 32 ? parts[lane] : 0;
    for (int o = 16; o; o >>= 1)
      v += __shfl_xor_sync(~0u, v, o);
    if (lane == 0)
      sums[blockIdx.x] = v;
  }
}

__global__ void matmul(const float *a, const float *b, float *c, int n) {
  __shared__ float as[16][17], bs[16][17];
  int x = threadIdx.x, y = threadIdx.y, row = blockIdx.y * 16 + y, column = blockIdx.x * 16 + x;
  float sum = 0;
  for (int k = 0; k < n; k += 16) {
    as[y][x] = row < n && k + x < n ? a[row * n + k + x] : 0;
    bs[y][x] = k + y < n && column < n ? b[(k + y) * n + column] : 0;
    __syncthreads();
    for (int i = 0; i < 16; ++i)
      sum = fmaf(as[y][i], bs[i][x], sum);
    __syncthreads();
  }
  if (row < n && column < n)
    c[row * n + column] = sum;
}

__global__ void histogram(const unsigned char *x, unsigned *counts, int n) {
  extern __shared__ unsigned local[];
  for (int i = threadIdx.x; i < 256; i += blockDim.x)
    local[i] = 0;
  __syncthreads();
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
    atomicAdd(&local[x[i]], 1u);
  __syncthreads();
  for (int i = threadIdx.x; i < 256; i += blockDim.x)
    atomicAdd(&counts[i], local[i]);
}

/// Every thread its own depth of recursion.
__device__ __noinline__ int fibonacci(int n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }
__global__ void fibonaccis(int *out) { out[threadIdx.x] = fibonacci(threadIdx.x % 12); }

/// A lock that lanes of one warp take one after another.
__device__ int theLock;
__global__ void spin(int *count) {
  bool done = false;
  while (!done) {
    if (atomicCAS(&theLock, 0, 1) == 0) {
      __threadfence();
      *(volatile int *)count += 1;
      __threadfence();
      atomicExch(&theLock, 0);
      done = true;
    }
  }
}

/// Blocks that wait for the block before them.
__device__ int turn;
__global__ void chain(int *order) {
  if (threadIdx.x == 0) {
    int mine;
    while ((mine = atomicAdd(&turn, 0)) != blockIdx.x)
      ;
    order[blockIdx.x] = mine * mine;
    __threadfence();
    atomicAdd(&turn, 1);
  }
}

__constant__ int weights[5] = {1, -2, 3, -4, 5};
__device__ long long powers(int base, int exponent) {
  long long r = 1;
  for (int i = 0; i < exponent; ++i)
    r *= base;
  return r;
}

/// A switch with many cases, 64-bit arithmetic, constant memory.
__global__ void mixed(const int *x, long long *y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    return;
  long long v = x[i];
  switch (i % 9) {
  case 0: v = powers((int)v % 7, 11); break;
  case 1: v = v / 3 - v % 7; break;
  case 2: v = (v << 33) >> 31; break;
  case 3: v = __popcll(v) * 100 + __clzll(v); break;
  case 4: v *= weights[i % 5]; break;
  case 5: v = (long long)__umulhi((unsigned)v, 0x9E3779B9u); break;
  case 6: v = __ffs((int)v); break;
  case 7: v = (long long)__brev((unsigned)v) ^ (unsigned)__byte_perm((unsigned)v, 0xA1B2C3D4u, 0x7531); break;
  case 8: v = max(min(v, 1000ll), -1000ll); break;
  }
  y[i] = v;
}

__global__ void greet(int n) {
  if (threadIdx.x == 0)
    printf("block %d of %d: %5.2f %s %c %llx\n", blockIdx.x, n, 1.5 * blockIdx.x, "text", 'c', 0x123456789abull);
}

__global__ void beyond(float *x, int n) { x[threadIdx.x + n] = 1; }

__global__ void oneSided(int *x) {
  if (threadIdx.x < 32)
    __syncthreads();
  else
    while (*(volatile int *)x == 0)
      ;
}

__global__ void stuck(int *x) {
  if (threadIdx.x < 32)
    asm volatile("bar.sync 1, 64;");
  else
    asm volatile("bar.sync 2, 64;");
}
}
