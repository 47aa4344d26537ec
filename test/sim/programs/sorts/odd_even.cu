// Odd-even transposition of f64 in global memory: a step of the network is a pass over all pairs, until none was exchanged.

extern "C" __global__ void oddEvenSort(double *x, int n, int *passes) {
  int t = threadIdx.x, count = 0;
  bool isSorted = false;
  while (!isSorted) {
    bool exchanged = false;
    for (int parity = 0; parity < 2; ++parity) {
      for (int i = 2 * t + parity; i + 1 < n; i += 2 * blockDim.x) {
        double a = x[i], b = x[i + 1];
        if (a > b) {
          x[i] = b;
          x[i + 1] = a;
          exchanged = true;
        }
      }
      __syncthreads();
    }
    isSorted = !__syncthreads_or(exchanged);
    ++count;
  }
  if (t == 0)
    *passes = count;
}
