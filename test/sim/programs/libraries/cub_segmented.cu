// compile: sm_75 nvcc library
// Sums of segments with CUB: within warps by flags at heads and tails, and runs that are decoded from their lengths.
#include <cub/block/block_run_length_decode.cuh>
#include <cub/warp/warp_reduce.cuh>
#include <cub/warp/warp_scan.cuh>

extern "C" __global__ void segmentSums(const int *x, const unsigned char *isHead, int *y, int *z) {
  using Reduce = cub::WarpReduce<int>;
  __shared__ Reduce::TempStorage heads[2], tails[2];
  int t = threadIdx.x, warp = t / 32;
  bool head = isHead[t];
  int sum = Reduce(heads[warp]).HeadSegmentedSum(x[t], head);
  bool tail = t % 32 == 31 || isHead[t + 1];
  int other = Reduce(tails[warp]).TailSegmentedSum(x[t], tail);
  // The sum is given to the first lane of a segment.
  bool isFirst = head || t % 32 == 0;
  y[t] = isFirst ? sum : 0;
  z[t] = isFirst ? other : 0;
}

extern "C" __global__ void decode(const char *values, const int *lengths, char *y, int *total) {
  using Decode = cub::BlockRunLengthDecode<char, 32, 2, 4>;
  __shared__ Decode::TempStorage room;
  char v[2];
  int l[2], size;
  for (int i = 0; i < 2; ++i) {
    v[i] = values[threadIdx.x * 2 + i];
    l[i] = lengths[threadIdx.x * 2 + i];
  }
  Decode runs(room, v, l, size);
  for (int base = 0; base < size; base += 128) {
    char items[4];
    runs.RunLengthDecode(items, base);
    __syncthreads();
    for (int i = 0; i < 4; ++i)
      if (base + threadIdx.x * 4 + i < size)
        y[base + threadIdx.x * 4 + i] = items[i];
  }
  if (threadIdx.x == 0)
    *total = size;
}
