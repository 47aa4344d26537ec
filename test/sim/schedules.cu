// compile: sm_80 nvcc lineinfo
// What depends on the order in which threads run, and what does not although it looks like it.

/// Sums of 64 numbers by one warp, as they were written before threads of a warp were scheduled one by one. Every access is
/// strong, so that nothing races; what a lane adds depends on how far the other is.
__device__ void warpSum(const int *x, int *y, bool synchronise) {
  __shared__ volatile int sums[64];
  int t = threadIdx.x;
  sums[t] = x[blockIdx.x * 64 + t];
  sums[t + 32] = x[blockIdx.x * 64 + t + 32];
  __syncthreads();
  for (int step = 32; step; step /= 2) {
    if (synchronise)
      __syncwarp();
    int other = sums[t + step];
    if (synchronise)
      __syncwarp();
    sums[t] += t < step ? other : 0;
  }
  if (t == 0)
    y[blockIdx.x] = sums[0];
}
extern "C" __global__ void warpSynchronous(const int *x, int *y) { warpSum(x, y, false); }
extern "C" __global__ void warpSynchronised(const int *x, int *y) { warpSum(x, y, true); }

/// One sum of all; of floats it depends on the order.
extern "C" __global__ void sumOfFloats(const float *x, float *y) { atomicAdd(y, x[blockIdx.x * blockDim.x + threadIdx.x]); }
extern "C" __global__ void sumOfIntegers(const int *x, int *y) { atomicAdd(y, x[blockIdx.x * blockDim.x + threadIdx.x]); }

/// Each thread has its place in the row, and so has each block.
extern "C" __global__ void row(int *threads, int *blocks, int *counters) {
  threads[atomicAdd(&counters[0], 1)] = blockIdx.x * blockDim.x + threadIdx.x;
  if (threadIdx.x == 0)
    blocks[atomicAdd(&counters[1], 1)] = blockIdx.x;
}

/// A lane waits for another one of its warp: `first` for one above it or below it.
extern "C" __global__ void waitsForLane(int *y, int waiting, int setting) {
  __shared__ int flag;
  if (threadIdx.x == 0)
    flag = 0;
  __syncthreads();
  if (threadIdx.x == setting) {
    __threadfence_block();
    atomicExch(&flag, 7);
  }
  if (threadIdx.x == waiting)
    while (atomicAdd(&flag, 0) == 0)
      ;
  __syncthreads();
  y[threadIdx.x] = atomicAdd(&flag, 0) + threadIdx.x;
}

/// Blocks come one after another, from the first one on or from the last one.
extern "C" __global__ void inTurn(int *y, int *turn, int fromLast) {
  int mine = fromLast ? gridDim.x - 1 - blockIdx.x : blockIdx.x;
  if (threadIdx.x == 0)
    while (atomicAdd(turn, 0) != mine)
      ;
  __syncthreads();
  y[blockIdx.x * blockDim.x + threadIdx.x] = mine;
  __syncthreads();
  if (threadIdx.x == 0) {
    __threadfence();
    atomicAdd(turn, 1);
  }
}

/// Lanes that diverge on their data vote, shuffle, and meet at a barrier.
extern "C" __global__ void votes(const int *x, int *y) {
  int t = threadIdx.x, v = x[t], sum = 0;
  for (int i = 0; i < (v & 7); ++i)
    sum += i * v;
  unsigned odd = __ballot_sync(~0u, v & 1);
  if (v & 1)
    sum += __reduce_add_sync(odd, v);
  else
    sum += __shfl_sync(~odd, v, 31 - __clz(~odd));
  __syncthreads();
  y[t] = sum + __syncthreads_count(v & 2);
}

/// Two locks, which some threads take in one order and others in the other.
extern "C" __global__ void locks(int *lock, int *y) {
  int first = threadIdx.x / 32 & 1;
  if (threadIdx.x % 32 == 0) {
    while (atomicCAS(&lock[first], 0, 1))
      ;
    __threadfence();
    while (atomicCAS(&lock[1 - first], 0, 1))
      ;
    __threadfence();
    atomicAdd(y, 1);
    __threadfence();
    atomicExch(&lock[1 - first], 0);
    __threadfence();
    atomicExch(&lock[first], 0);
  }
}

/// Threads of one warp that are ahead write what those behind still have to read: a race.
extern "C" __global__ void shifted(int *y) {
  __shared__ int line[33];
  int t = threadIdx.x;
  line[t] = t;
  if (t == 0)
    line[32] = 32;
  __syncthreads();
  line[t] = line[t + 1];
  __syncthreads();
  y[t] = line[t];
}
