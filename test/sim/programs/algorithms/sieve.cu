// Primes by a sieve of bits: each block has a part of the numbers in shared memory, and counts.

extern "C" __global__ void sieve(const unsigned *primes, int count, unsigned *isPrime, unsigned *total) {
  __shared__ unsigned composite[32];
  int t = threadIdx.x;
  unsigned first = blockIdx.x * 1024;
  if (t < 32)
    composite[t] = 0;
  __syncthreads();
  for (int i = 0; i < count; ++i) {
    unsigned p = primes[i], start = max(p * p, (first + p - 1) / p * p);
    for (unsigned m = start + t * p; m < first + 1024; m += blockDim.x * p)
      atomicOr(&composite[(m - first) / 32], 1u << m % 32);
  }
  __syncthreads();
  if (t < 32) {
    unsigned bits = ~composite[t];
    if (first == 0 && t == 0)
      bits &= ~3u;
    isPrime[blockIdx.x * 32 + t] = bits;
    atomicAdd(total, __popc(bits));
  }
}
