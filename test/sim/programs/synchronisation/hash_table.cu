// A hash table with open addressing: keys are claimed by compare-and-swap, values added up; then looked up.

constexpr unsigned kEmpty = 0xFFFFFFFFu;

__device__ unsigned slotOf(unsigned key, int bits) { return key * 2654435769u >> (32 - bits); }

extern "C" __global__ void insert(const unsigned *keys, const unsigned *values, int n, unsigned *table, unsigned *sums, int bits) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    return;
  unsigned key = keys[i];
  for (unsigned at = slotOf(key, bits);; at = (at + 1) & ((1u << bits) - 1)) {
    unsigned old = atomicCAS(&table[at], kEmpty, key);
    if (old == kEmpty || old == key) {
      atomicAdd(&sums[at], values[i]);
      return;
    }
  }
}

extern "C" __global__ void find(const unsigned *keys, int n, const unsigned *table, const unsigned *sums, int bits, unsigned *found) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    return;
  unsigned at = slotOf(keys[i], bits);
  while (table[at] != keys[i] && table[at] != kEmpty)
    at = (at + 1) & ((1u << bits) - 1);
  found[i] = table[at] == kEmpty ? kEmpty : sums[at];
}
