// Lanes that part in nested branches and loops of different lengths, and meet again; those that left early are not awaited.

extern "C" __global__ void wander(const int *x, int *y, unsigned *together, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  unsigned live = __ballot_sync(~0u, i < n);
  if (i >= n)
    return;
  int v = x[i], steps = 0;
  while (v != 1) {
    if (v & 1) {
      if (v % 3 == 0 && v > 100)
        v = v / 3;
      else
        v = 3 * v + 1;
    } else {
      v >>= 1;
      if ((v & 7) == 5)
        continue;
    }
    ++steps;
    if (steps > 300)
      break;
  }
  __syncwarp(live);
  together[i] = __ballot_sync(live, steps & 1);
  for (int k = 0; k < (i & 7); ++k)
    for (int j = k; j < 8; ++j) {
      if ((j ^ k ^ i) & 1)
        continue;
      steps += j * k;
    }
  y[i] = steps;
}
