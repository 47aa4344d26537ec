// Pointers that lead to global, shared, constant or local memory, lane by lane, through the same function.

__constant__ int fixed[32] = {5, 4, 3, 2, 1};
__device__ int counter[32];

__device__ __noinline__ int update(int *p, int by) {
  int old = *p;
  *p = old * 2 + by;
  return old;
}

__device__ __noinline__ int sum(const int *p, int n) {
  int s = 0;
  for (int i = 0; i < n; ++i)
    s += p[i];
  return s;
}

extern "C" __global__ void everywhere(int *x, int *y, unsigned char *spaces) {
  __shared__ int shared[32];
  int t = threadIdx.x, local[4] = {t, t + 1, t + 2, t + 3};
  shared[t] = 100 + t;
  counter[t] = 1000 * t;
  __syncwarp();
  int *places[4] = {&x[t], &shared[t], &local[t % 4], &counter[t]};
  int *p = places[t / 2 % 4];
  y[t] = update(p, t);
  __syncwarp();
  y[32 + t] = *p + sum(t % 2 ? fixed : local, 4);
  spaces[t] = (__isGlobal(p) != 0) | (__isShared(p) != 0) << 1 | (__isLocal(p) != 0) << 2;
}
