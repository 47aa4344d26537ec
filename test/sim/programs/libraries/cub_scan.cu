// compile: sm_75 nvcc library
// Scans of CUB: a block over a long array, tile by tile, with a prefix that is handed on; and warps.
#include <cub/block/block_load.cuh>
#include <cub/block/block_scan.cuh>
#include <cub/block/block_store.cuh>

struct Prefix {
  long long total;
  __device__ long long operator()(long long sum) {
    long long old = total;
    total += sum;
    return old;
  }
};

extern "C" __global__ void scanTiles(const long long *x, long long *y, int n) {
  using Load = cub::BlockLoad<long long, 64, 4, cub::BLOCK_LOAD_TRANSPOSE>;
  using Store = cub::BlockStore<long long, 64, 4, cub::BLOCK_STORE_TRANSPOSE>;
  using Scan = cub::BlockScan<long long, 64>;
  __shared__ union {
    Load::TempStorage load;
    Store::TempStorage store;
    Scan::TempStorage scan;
  } room;
  Prefix prefix{0};
  for (int base = 0; base < n; base += 256) {
    long long items[4];
    Load(room.load).Load(x + base, items, n - base, 0);
    __syncthreads();
    Scan(room.scan).ExclusiveSum(items, items, prefix);
    __syncthreads();
    Store(room.store).Store(y + base, items, n - base);
    __syncthreads();
  }
}

extern "C" __global__ void largestSoFar(const float *x, float *y) {
  using Scan = cub::BlockScan<float, 128, cub::BLOCK_SCAN_WARP_SCANS>;
  __shared__ Scan::TempStorage room;
  float v = x[threadIdx.x];
  Scan(room).InclusiveScan(v, v, [](float a, float b) { return a > b ? a : b; });
  y[threadIdx.x] = v;
}
