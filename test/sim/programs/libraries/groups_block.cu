// compile: sm_75 nvcc library
// Cooperative groups of a whole block: barriers that are arrived at and awaited apart, copies, and a leader by invoke_one.
#include <cooperative_groups.h>
#include <cooperative_groups/memcpy_async.h>
namespace cg = cooperative_groups;

extern "C" __global__ void reverseTiles(const int *x, int *y, int tiles) {
  __shared__ __align__(16) int tile[128];
  auto block = cg::this_thread_block();
  for (int i = 0; i < tiles; ++i) {
    cg::memcpy_async(block, tile, x + i * 128, sizeof tile);
    cg::wait(block);
    y[i * 128 + block.thread_rank()] = tile[127 - block.thread_rank()];
    auto token = block.barrier_arrive();
    block.barrier_wait(std::move(token));
  }
}
