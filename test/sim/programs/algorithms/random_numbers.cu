// Generators of random numbers: xorshift, a counter through ten rounds of Philox, and points in a circle counted with them.

__device__ unsigned long long xorshift(unsigned long long &state) {
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return state * 0x2545F4914F6CDD1Dull;
}

__device__ uint4 philox(uint4 c, uint2 key) {
  for (int i = 0; i < 10; ++i) {
    unsigned h0 = __umulhi(0xD2511F53u, c.x), l0 = 0xD2511F53u * c.x, h1 = __umulhi(0xCD9E8D57u, c.z), l1 = 0xCD9E8D57u * c.z;
    c = make_uint4(h1 ^ c.y ^ key.x, l1, h0 ^ c.w ^ key.y, l0);
    key.x += 0x9E3779B9u;
    key.y += 0xBB67AE85u;
  }
  return c;
}

extern "C" __global__ void generate(unsigned long long seed, unsigned long long *shifted, uint4 *counters, int *inside, int each) {
  int t = blockIdx.x * blockDim.x + threadIdx.x, count = 0;
  unsigned long long state = seed + (t + 1) * 0x9E3779B97F4A7C15ull;
  for (int i = 0; i < each; ++i) {
    unsigned long long v = xorshift(state);
    unsigned x = (unsigned)(v >> 40), y = (unsigned)(v >> 16) & 0xFFFFFF;
    count += (unsigned long long)x * x + (unsigned long long)y * y < 1ull << 48;
  }
  shifted[t] = state;
  counters[t] = philox(make_uint4(t, 0, (unsigned)seed, 7), make_uint2((unsigned)(seed >> 32), 0xABCD));
  atomicAdd(inside, count);
}
