// compile: sm_75 nvcc library
// libcu++: a barrier whose last thread runs a function, one that threads leave, a latch, and a value that is waited for.
#include <cuda/atomic>
#include <cuda/barrier>
#include <cuda/latch>

struct Count {
  int *totals;
  const int *current;
  int *phase;
  __device__ void operator()() noexcept { totals[(*phase)++] = *current; }
};
using Barrier = cuda::barrier<cuda::thread_scope_block, Count>;

extern "C" __global__ void completions(int *totals, int rounds) {
  __shared__ alignas(Barrier) char place[sizeof(Barrier)];
  __shared__ int current, phase;
  auto *bar = reinterpret_cast<Barrier *>(place);
  if (threadIdx.x == 0) {
    current = phase = 0;
    new (bar) Barrier(blockDim.x, Count{totals, &current, &phase});
  }
  __syncthreads();
  for (int r = 0; r < rounds; ++r) {
    atomicAdd(&current, threadIdx.x);
    bar->arrive_and_wait();
  }
}

extern "C" __global__ void dropOut(int *rounds) {
  using Plain = cuda::barrier<cuda::thread_scope_block>;
  __shared__ alignas(Plain) char place[sizeof(Plain)];
  auto *bar = reinterpret_cast<Plain *>(place);
  if (threadIdx.x == 0)
    init(bar, blockDim.x);
  __syncthreads();
  int count = 1;
  for (; count <= 8; ++count) {
    if (threadIdx.x % 11 == count) {
      bar->arrive_and_drop();
      break;
    }
    bar->arrive_and_wait();
  }
  rounds[threadIdx.x] = count;
}

__device__ cuda::latch<cuda::thread_scope_device> ready(4);
__device__ cuda::atomic<int, cuda::thread_scope_device> stage(0);
__device__ int parts[4];

extern "C" __global__ void relay(int *y) {
  if (threadIdx.x)
    return;
  int b = blockIdx.x;
  parts[b] = b * b + 1;
  ready.arrive_and_wait();
  int sum = 0;
  for (int part : parts)
    sum += part;
  for (int now = stage.load(); now != b; now = stage.load())
    stage.wait(now);
  y[b] = sum + (b ? y[b - 1] : 0);
  stage.store(b + 1, cuda::memory_order_release);
  stage.notify_all();
}
