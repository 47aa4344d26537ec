// compile: sm_75 nvcc library
// Cooperative groups: barriers of the whole grid and of pairs of warps, groups by a condition.
#include <cooperative_groups.h>
namespace cg = cooperative_groups;

/// Rounds of a sum over the neighbours of each element, on a ring.
extern "C" __global__ void smooth(int *x, int *y, int rounds) {
  auto grid = cg::this_grid();
  int n = grid.size(), i = grid.thread_rank();
  for (int r = 0; r < rounds; ++r) {
    y[i] = x[(i + n - 1) % n] + x[i] + x[(i + 1) % n];
    grid.sync();
    int *swapped = x;
    x = y;
    y = swapped;
  }
}

/// The sums of pairs of warps come only after a barrier of these; which keeps its state in memory of the system.
extern "C" __global__ void largeTiles(const int *x, int *sums, int *alike, int rounds) {
  __shared__ cg::block_tile_memory<256> memory;
  __shared__ int values[256];
  auto block = cg::this_thread_block(memory);
  auto tile = cg::tiled_partition<64>(block);
  int i = threadIdx.x, sum = 0;
  for (int r = 0; r < rounds; ++r) {
    values[i] = x[i] + r;
    tile.sync();
    for (int k = 0; k < 64; ++k)
      sum += values[i / 64 * 64 + k];
    tile.sync();
  }
  sums[i] = sum;
  alike[i] = cg::binary_partition(cg::tiled_partition<32>(block), x[i] % 2 == 0).size();
}
