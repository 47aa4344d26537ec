// compile: sm_75 nvcc library
// Cooperative groups: barriers of the whole grid, groups of more threads than a warp has, groups by a condition.
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
#include <cooperative_groups/scan.h>
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

extern "C" __global__ void largeTiles(const int *x, int *sums, int *scans, int *thirds, int *alike) {
  __shared__ cg::block_tile_memory<256> memory;
  auto block = cg::this_thread_block(memory);
  auto small = cg::tiled_partition<64>(block);
  auto large = cg::tiled_partition<128>(block);
  int i = threadIdx.x, v = x[i];
  sums[i] = cg::reduce(small, v, cg::plus<int>());
  scans[i] = cg::inclusive_scan(large, v, cg::plus<int>());
  thirds[i] = small.shfl(v, 3);
  auto warp = cg::tiled_partition<32>(block);
  alike[i] = cg::binary_partition(warp, v % 2 == 0).size();
}
