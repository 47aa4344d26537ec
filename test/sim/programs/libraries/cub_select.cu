// compile: sm_75 nvcc library
// Selection with CUB's parts: numbers that differ from the one before them are kept, in order, over many tiles of a block.
#include <cub/block/block_discontinuity.cuh>
#include <cub/block/block_scan.cuh>
#include <cuda/std/functional>

extern "C" __global__ void unique(const int *x, int n, int *y, int *count) {
  using Heads = cub::BlockDiscontinuity<int, 64>;
  using Scan = cub::BlockScan<int, 64>;
  __shared__ Heads::TempStorage heads;
  __shared__ Scan::TempStorage scan;
  int kept = 0;
  for (int base = 0; base < n; base += 128) {
    int items[2], flags[2], places[2], total;
    for (int i = 0; i < 2; ++i) {
      int at = base + threadIdx.x * 2 + i;
      // Beyond the end the last number is repeated.
      items[i] = x[min(at, n - 1)];
    }
    if (base)
      Heads(heads).FlagHeads(flags, items, cuda::std::not_equal_to<int>(), x[base - 1]);
    else
      Heads(heads).FlagHeads(flags, items, cuda::std::not_equal_to<int>());
    Scan(scan).ExclusiveSum(flags, places, total);
    for (int i = 0; i < 2; ++i)
      if (flags[i])
        y[kept + places[i]] = items[i];
    kept += total;
    __syncthreads();
  }
  if (threadIdx.x == 0)
    *count = kept;
}
