// SHA-256 of messages of any length, one a thread.

__device__ unsigned rotate(unsigned x, int by) { return __funnelshift_r(x, x, by); }

extern "C" __global__ void hash(const unsigned char *bytes, const int *starts, const unsigned *k, unsigned *digests, int n) {
  int t = blockIdx.x * blockDim.x + threadIdx.x;
  if (t >= n)
    return;
  const unsigned char *message = bytes + starts[t];
  int length = starts[t + 1] - starts[t], blocks = (length + 9 + 63) / 64;
  unsigned h[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  for (int b = 0; b < blocks; ++b) {
    unsigned w[16];
    for (int i = 0; i < 16; ++i) {
      w[i] = 0;
      for (int j = 0; j < 4; ++j) {
        int at = b * 64 + i * 4 + j;
        unsigned byte = at < length ? message[at] : at == length ? 0x80 : 0;
        w[i] = w[i] << 8 | byte;
      }
    }
    if (b == blocks - 1)
      w[15] = length * 8;
    unsigned v[8];
    for (int i = 0; i < 8; ++i)
      v[i] = h[i];
    for (int i = 0; i < 64; ++i) {
      if (i >= 16) {
        unsigned a = w[(i + 1) & 15], c = w[(i + 14) & 15];
        w[i & 15] += (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + w[(i + 9) & 15] + (rotate(c, 17) ^ rotate(c, 19) ^ c >> 10);
      }
      unsigned s1 = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25), choice = (v[4] & v[5]) ^ (~v[4] & v[6]);
      unsigned t1 = v[7] + s1 + choice + k[i] + w[i & 15];
      unsigned s0 = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22), majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
      for (int j = 7; j; --j)
        v[j] = v[j - 1];
      v[4] += t1;
      v[0] = t1 + s0 + majority;
    }
    for (int i = 0; i < 8; ++i)
      h[i] += v[i];
  }
  for (int i = 0; i < 8; ++i)
    digests[t * 8 + i] = h[i];
}
