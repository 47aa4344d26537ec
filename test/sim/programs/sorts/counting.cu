// Strings of eight characters sorted by rank: how many are smaller, or equal and before.

extern "C" __global__ void rankSort(const uint2 *words, uint2 *sorted, int n) {
  __shared__ unsigned long long tile[64];
  int i = blockIdx.x * 64 + threadIdx.x, rank = 0;
  // The first character counts most.
  auto number = [](uint2 w) { return (unsigned long long)__byte_perm(w.x, 0, 0x0123) << 32 | __byte_perm(w.y, 0, 0x0123); };
  unsigned long long mine = i < n ? number(words[i]) : 0;
  for (int base = 0; base < n; base += 64) {
    tile[threadIdx.x] = base + threadIdx.x < n ? number(words[base + threadIdx.x]) : 0;
    __syncthreads();
    for (int j = 0; j < min(64, n - base); ++j)
      rank += tile[j] < mine || (tile[j] == mine && base + j < i);
    __syncthreads();
  }
  if (i < n)
    sorted[rank] = words[i];
}
