// compile: sm_75 nvcc library
// Merge sorts of CUB by a comparison of ours: stable ones of blocks and of warps.
#include <cub/block/block_merge_sort.cuh>
#include <cub/warp/warp_merge_sort.cuh>

struct ByLastDigit {
  __device__ bool operator()(int a, int b) const { return a % 10 < b % 10; }
};

extern "C" __global__ void sortBlock(int *x, int n) {
  using Sort = cub::BlockMergeSort<int, 64, 4>;
  __shared__ Sort::TempStorage room;
  int k[4];
  for (int i = 0; i < 4; ++i) {
    int at = threadIdx.x * 4 + i;
    k[i] = at < n ? x[at] : 9;
  }
  Sort(room).StableSort(k, ByLastDigit(), n, 9);
  for (int i = 0; i < 4; ++i)
    if (threadIdx.x * 4 + i < n)
      x[threadIdx.x * 4 + i] = k[i];
}

extern "C" __global__ void sortWarps(int *x) {
  using Sort = cub::WarpMergeSort<int, 3, 32>;
  __shared__ Sort::TempStorage rooms[2];
  int k[3], *own = x + threadIdx.x * 3;
  for (int i = 0; i < 3; ++i)
    k[i] = own[i];
  Sort(rooms[threadIdx.x / 32]).StableSort(k, ByLastDigit());
  for (int i = 0; i < 3; ++i)
    own[i] = k[i];
}
