// compile: sm_75 nvcc library
// Cooperative groups: tiles of a warp, groups of lanes that took one branch, and groups by label; sums and scans in each.
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
#include <cooperative_groups/scan.h>
namespace cg = cooperative_groups;

extern "C" __global__ void tiles(const int *x, int *y, int n) {
  auto block = cg::this_thread_block();
  auto tile = cg::tiled_partition<8>(block);
  int t = block.thread_rank(), v = x[blockIdx.x * blockDim.x + t], *out = y + blockIdx.x * blockDim.x * 6 + t;
  int size = blockDim.x;
  out[0] = cg::reduce(tile, v, cg::plus<int>());
  out[size] = cg::inclusive_scan(tile, v, cg::plus<int>());
  out[2 * size] = tile.shfl_xor(v, 3) + tile.meta_group_rank() * 1000 + tile.thread_rank();
  out[3 * size] = tile.any(v > 90) + 2 * tile.all(v > 10) + 4 * tile.ballot(v & 1);
  auto warp = cg::tiled_partition<32>(block);
  if (v % 3 == 0) {
    auto together = cg::coalesced_threads();
    // Who is in the group is open; the number of all of them is not.
    out[4 * size] = cg::reduce(together, 1, cg::plus<int>()) == together.size() ? together.shfl(v, together.thread_rank()) : -1;
  } else {
    out[4 * size] = v;
  }
  warp.sync();
  auto alike = cg::labeled_partition(warp, v % 4);
  out[5 * size] = cg::reduce(alike, v, cg::greater<int>()) * 100 + alike.size();
}
