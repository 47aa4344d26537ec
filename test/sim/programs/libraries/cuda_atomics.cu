// compile: sm_75 nvcc library
// libcu++ atomics: references to plain memory with scopes and orders, exchanges in loops, semaphores and latches.
#include <cuda/atomic>
#include <cuda/latch>
#include <cuda/semaphore>

extern "C" __global__ void atomics(int *counter, unsigned long long *sum, float *most, unsigned *flags, int *data, int *seen) {
  cuda::atomic_ref<int, cuda::thread_scope_device> count(*counter);
  cuda::atomic_ref<unsigned long long, cuda::thread_scope_device> total(*sum);
  cuda::atomic_ref<float, cuda::thread_scope_device> largest(*most);
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  count.fetch_add(1, cuda::std::memory_order_relaxed);
  total.fetch_add(i, cuda::std::memory_order_relaxed);
  float v = (float)(i * 37 % 101), old = largest.load(cuda::std::memory_order_relaxed);
  while (old < v && !largest.compare_exchange_weak(old, v, cuda::std::memory_order_relaxed))
    ;
  // A word from each block to the next.
  if (threadIdx.x == 0) {
    cuda::atomic_ref<unsigned, cuda::thread_scope_device> mine(flags[blockIdx.x]);
    if (blockIdx.x) {
      cuda::atomic_ref<unsigned, cuda::thread_scope_device> before(flags[blockIdx.x - 1]);
      while (before.load(cuda::std::memory_order_acquire) == 0)
        ;
      seen[blockIdx.x] = data[blockIdx.x - 1];
    }
    data[blockIdx.x] = (blockIdx.x ? data[blockIdx.x - 1] : 0) * 3 + blockIdx.x + 1;
    mine.store(1, cuda::std::memory_order_release);
  }
}

extern "C" __global__ void semaphores(int *inside, int *worst, int *sums) {
  __shared__ cuda::counting_semaphore<cuda::thread_scope_block, 3> *room;
  __shared__ alignas(16) char place[sizeof(cuda::counting_semaphore<cuda::thread_scope_block, 3>)];
  __shared__ int value;
  if (threadIdx.x == 0) {
    room = new (place) cuda::counting_semaphore<cuda::thread_scope_block, 3>(3);
    value = 0;
  }
  __syncthreads();
  room->acquire();
  int now = atomicAdd(inside, 1) + 1;
  atomicMax(worst, now);
  atomicAdd(&value, threadIdx.x);
  atomicSub(inside, 1);
  room->release();
  __syncthreads();
  sums[threadIdx.x] = value;
}
