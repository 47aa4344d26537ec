// Arrays of each thread's own with indices that only the data knows: permutations, and a small matrix's inverse.

extern "C" __global__ void permute(const unsigned char *x, unsigned char *y, int *cycles) {
  int t = threadIdx.x;
  unsigned char p[16], inverse[16];
  for (int i = 0; i < 16; ++i)
    p[i] = x[t * 16 + i];
  for (int i = 0; i < 16; ++i)
    inverse[p[i]] = i;
  unsigned seen = 0;
  int count = 0;
  for (int i = 0; i < 16; ++i) {
    if (seen >> i & 1)
      continue;
    ++count;
    for (int j = i; !(seen >> j & 1); j = p[j])
      seen |= 1u << j;
  }
  for (int i = 0; i < 16; ++i)
    y[t * 16 + i] = inverse[inverse[i]];
  cycles[t] = count;
}
