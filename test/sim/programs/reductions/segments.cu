// Sums of runs of equal keys: a segmented scan over each warp, and atomics where a run goes beyond it.

extern "C" __global__ void segmentSums(const int *keys, const int *values, int n, int *sums) {
  int i = blockIdx.x * blockDim.x + threadIdx.x, lane = threadIdx.x % 32;
  int key = i < n ? keys[i] : -1, value = i < n ? values[i] : 0;
  int before = __shfl_up_sync(~0u, key, 1);
  unsigned heads = __ballot_sync(~0u, lane == 0 || before != key);
  // The head of the lane's run is the last one at or below it.
  int head = 31 - __clz(heads & (0xFFFFFFFFu >> (31 - lane)));
  for (int step = 1; step < 32; step *= 2) {
    int other = __shfl_up_sync(~0u, value, step);
    if (lane - step >= head)
      value += other;
  }
  bool isTail = lane == 31 || heads >> (lane + 1) & 1;
  if (isTail && key >= 0)
    atomicAdd(&sums[key], value);
}
