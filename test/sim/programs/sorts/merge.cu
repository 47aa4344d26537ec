// A merge sort by merge paths: in each pass a thread finds where its part of the result begins in both runs, and merges.

__device__ int mergePath(const float *a, int sizeA, const float *b, int sizeB, int diagonal) {
  int low = max(0, diagonal - sizeB), high = min(diagonal, sizeA);
  while (low < high) {
    int middle = (low + high) / 2;
    if (a[middle] <= b[diagonal - 1 - middle])
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

extern "C" __global__ void mergePass(const float *x, float *y, int n, int run) {
  constexpr int kEach = 7;
  int first = (blockIdx.x * blockDim.x + threadIdx.x) * kEach;
  for (int at = first; at < min(first + kEach, n);) {
    int pair = at / (2 * run) * (2 * run);
    const float *a = x + pair;
    int sizeA = min(run, n - pair), sizeB = min(run, max(0, n - pair - run));
    const float *b = a + sizeA;
    int i = mergePath(a, sizeA, b, sizeB, at - pair), j = at - pair - i;
    for (int end = min(min(first + kEach, n), pair + sizeA + sizeB); at < end; ++at)
      y[at] = j >= sizeB || (i < sizeA && a[i] <= b[j]) ? a[i++] : b[j++];
  }
}
