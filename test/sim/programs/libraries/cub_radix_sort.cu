// compile: sm_75 nvcc library
// Radix sorts of CUB in a block: keys with values, floats downwards, some bits only.
#include <cub/block/block_radix_sort.cuh>

extern "C" __global__ void sortPairs(const int *keys, const short *values, int *sortedKeys, short *sortedValues) {
  using Sort = cub::BlockRadixSort<int, 64, 4, short>;
  __shared__ Sort::TempStorage room;
  int k[4];
  short v[4];
  for (int i = 0; i < 4; ++i) {
    k[i] = keys[threadIdx.x * 4 + i];
    v[i] = values[threadIdx.x * 4 + i];
  }
  Sort(room).Sort(k, v);
  for (int i = 0; i < 4; ++i) {
    sortedKeys[threadIdx.x * 4 + i] = k[i];
    sortedValues[threadIdx.x * 4 + i] = v[i];
  }
}

extern "C" __global__ void sortFloatsDown(float *x) {
  using Sort = cub::BlockRadixSort<float, 64, 3>;
  __shared__ Sort::TempStorage room;
  float k[3];
  for (int i = 0; i < 3; ++i)
    k[i] = x[threadIdx.x * 3 + i];
  Sort(room).SortDescendingBlockedToStriped(k);
  for (int i = 0; i < 3; ++i)
    x[i * 64 + threadIdx.x] = k[i];
}

extern "C" __global__ void sortSomeBits(unsigned *x) {
  using Sort = cub::BlockRadixSort<unsigned, 32, 2>;
  __shared__ Sort::TempStorage room;
  unsigned k[2] = {x[threadIdx.x * 2], x[threadIdx.x * 2 + 1]};
  Sort(room).Sort(k, 4, 12);
  x[threadIdx.x * 2] = k[0];
  x[threadIdx.x * 2 + 1] = k[1];
}
