// compile: sm_75 nvcc library
// Reductions of CUB: blocks by each algorithm, of ragged tiles, and warps of several widths with an operator of ours.
#include <cub/block/block_reduce.cuh>
#include <cub/warp/warp_reduce.cuh>

template <cub::BlockReduceAlgorithm algorithm> __device__ int blockSum(int v, int valid) {
  using Reduce = cub::BlockReduce<int, 96, algorithm>;
  __shared__ typename Reduce::TempStorage room;
  int sum = Reduce(room).Sum(v, valid);
  __syncthreads();
  return sum;
}

struct Furthest {
  __device__ int operator()(int a, int b) const { return abs(a) >= abs(b) ? a : b; }
};

extern "C" __global__ void blockSums(const int *x, int *y, int n) {
  int i = blockIdx.x * 96 + threadIdx.x, valid = min(96, n - (int)blockIdx.x * 96);
  int v = i < n ? x[i] : 0;
  int sums[3] = {blockSum<cub::BLOCK_REDUCE_RAKING>(v, valid), blockSum<cub::BLOCK_REDUCE_RAKING_COMMUTATIVE_ONLY>(v, valid),
                 blockSum<cub::BLOCK_REDUCE_WARP_REDUCTIONS>(v, valid)};
  if (threadIdx.x == 0)
    for (int k = 0; k < 3; ++k)
      y[blockIdx.x * 3 + k] = sums[k];
}

extern "C" __global__ void furthest(const int *x, int *y) {
  using Eight = cub::WarpReduce<int, 8>;
  __shared__ Eight::TempStorage rooms[16];
  int part = threadIdx.x / 8, v = Eight(rooms[part]).Reduce(x[threadIdx.x], Furthest());
  if (threadIdx.x % 8 == 0)
    y[part] = v;
}
