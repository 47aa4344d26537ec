// compile: sm_80 nvcc library
// A pipeline of libcu++ with three stages: each thread's own copies, and one that the block shares.
#include <cooperative_groups.h>
#include <cuda/pipeline>

extern "C" __global__ void own(const int4 *x, int4 *y, int tiles) {
  __shared__ int4 room[3][32];
  auto pipe = cuda::make_pipeline();
  int t = threadIdx.x;
  for (int i = 0, fetched = 0; i < tiles; ++i) {
    for (; fetched < tiles && fetched < i + 3; ++fetched) {
      pipe.producer_acquire();
      cuda::memcpy_async(&room[fetched % 3][t], &x[fetched * 32 + t], cuda::aligned_size_t<16>(16), pipe);
      pipe.producer_commit();
    }
    pipe.consumer_wait();
    int4 v = room[i % 3][t];
    y[i * 32 + t] = make_int4(v.w, v.z, v.y, v.x + i);
    pipe.consumer_release();
  }
}

extern "C" __global__ void shared(const int *x, int *y, int tiles) {
  __shared__ cuda::pipeline_shared_state<cuda::thread_scope_block, 2> state;
  __shared__ alignas(16) int room[2][64];
  auto block = cooperative_groups::this_thread_block();
  auto pipe = cuda::make_pipeline(block, &state);
  auto fetch = [&](int i) {
    pipe.producer_acquire();
    cuda::memcpy_async(block, room[i & 1], x + i * 64, sizeof room[0], pipe);
    pipe.producer_commit();
  };
  fetch(0);
  for (int i = 0; i < tiles; ++i) {
    if (i + 1 < tiles)
      fetch(i + 1);
    pipe.consumer_wait();
    y[i * 64 + threadIdx.x] = room[i & 1][threadIdx.x ^ 21];
    pipe.consumer_release();
  }
  // When the pipeline ends, a lane speaks for all of its warp by match.any, which orders no memory; one of them then invalidates
  // the barriers that the others used.
  block.sync();
}
