// compile: sm_75 nvcc library
// libcu++ barriers in shared memory: arrival with tokens, and copies that the barrier awaits.
#include <cuda/barrier>

using Barrier = cuda::barrier<cuda::thread_scope_block>;

extern "C" __global__ void stages(const int *x, int *y, int rounds) {
  __shared__ Barrier *bar;
  __shared__ alignas(16) char place[sizeof(Barrier)];
  __shared__ alignas(16) int tile[64];
  int t = threadIdx.x;
  if (t == 0) {
    bar = new (place) Barrier(blockDim.x);
  }
  __syncthreads();
  int sum = 0;
  for (int r = 0; r < rounds; ++r) {
    cuda::memcpy_async(&tile[t], &x[r * 64 + t], sizeof(int), *bar);
    Barrier::arrival_token token = bar->arrive();
    sum += r;
    bar->wait(std::move(token));
    sum += tile[63 - t] * (r + 1);
    bar->arrive_and_wait();
  }
  y[t] = sum;
}
