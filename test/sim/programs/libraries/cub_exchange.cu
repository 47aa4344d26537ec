// compile: sm_75 nvcc library
// Loads, stores and exchanges of CUB: tiles in blocked, striped and warp-striped order, and shuffles of a block.
#include <cub/block/block_exchange.cuh>
#include <cub/block/block_load.cuh>
#include <cub/block/block_shuffle.cuh>
#include <cub/block/block_store.cuh>

extern "C" __global__ void rotate(const int *x, int *y, int n) {
  using Load = cub::BlockLoad<int, 64, 3, cub::BLOCK_LOAD_WARP_TRANSPOSE>;
  using Exchange = cub::BlockExchange<int, 64, 3>;
  using Shuffle = cub::BlockShuffle<int, 64>;
  using Store = cub::BlockStore<int, 64, 3, cub::BLOCK_STORE_STRIPED>;
  __shared__ union {
    Load::TempStorage load;
    Exchange::TempStorage exchange;
    Shuffle::TempStorage shuffle;
  } room;
  __shared__ Store::TempStorage store;
  int base = blockIdx.x * 192, items[3];
  Load(room.load).Load(x + base, items, n - base, -1);
  __syncthreads();
  int before[3];
  // Each item takes the place of the one after it; the first stays.
  Shuffle(room.shuffle).Up(items, before);
  if (threadIdx.x == 0)
    before[0] = items[0];
  __syncthreads();
  Exchange(room.exchange).BlockedToStriped(before, before);
  Store(store).Store(y + base, before, n - base);
}
