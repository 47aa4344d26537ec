// compile: sm_75 nvcc library
// CUB's decoupled look-back: a scan of a whole array in one launch, whose blocks hand sums on through memory.
#include <cub/agent/single_pass_scan_operators.cuh>
#include <cub/block/block_load.cuh>
#include <cub/block/block_scan.cuh>
#include <cub/block/block_store.cuh>

using State = cub::ScanTileState<int>;
using Plus = cuda::std::plus<int>;

extern "C" __global__ void initialise(unsigned char *room, unsigned long long bytes, int tiles) {
  State state;
  state.Init(tiles, room, bytes);
  state.InitializeStatus(tiles);
}

extern "C" __global__ void scan(const int *x, int *y, int n, unsigned char *room, unsigned long long bytes) {
  using Load = cub::BlockLoad<int, 64, 3, cub::BLOCK_LOAD_TRANSPOSE>;
  using Store = cub::BlockStore<int, 64, 3, cub::BLOCK_STORE_TRANSPOSE>;
  using Scan = cub::BlockScan<int, 64>;
  using Prefix = cub::TilePrefixCallbackOp<int, Plus, State>;
  __shared__ union {
    Load::TempStorage load;
    Store::TempStorage store;
    struct {
      Scan::TempStorage scan;
      Prefix::TempStorage prefix;
    } both;
  } shared;
  State state;
  state.Init(gridDim.x, room, bytes);
  int tile = blockIdx.x, base = tile * 192, items[3];
  Load(shared.load).Load(x + base, items, n - base, 0);
  __syncthreads();
  if (tile == 0) {
    int sum;
    Scan(shared.both.scan).InclusiveScan(items, items, Plus(), sum);
    if (threadIdx.x == 0)
      state.SetInclusive(0, sum);
  } else {
    Prefix prefix(state, shared.both.prefix, Plus(), tile);
    Scan(shared.both.scan).InclusiveScan(items, items, Plus(), prefix);
  }
  __syncthreads();
  Store(shared.store).Store(y + base, items, n - base);
}
