// compile: lineinfo
// Dense and sparse switches, with cases that fall through, and one inside of a loop that others leave.

__device__ int dense(int v, int k) {
  switch (k) {
  case 0: return v + 11;
  case 1: v *= 3;
  case 2: v ^= 0x55; break;
  case 3: return -v;
  case 4: v -= 1000; break;
  case 5:
  case 6: v <<= 2; break;
  case 7: return v / 7;
  case 8: v = v % 13; break;
  case 9: v = ~v; break;
  case 10: v = v * v; break;
  case 11: return v & 0xF0F0;
  default: v = 1;
  }
  return v + k;
}

extern "C" __global__ void choose(const int *x, int *y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    return;
  int v = x[i];
  for (int step = 0; step < 6; ++step) {
    v = dense(v, (v ^ i) & 15);
    switch (v % 1000) {
    case -7: case 12: v += 5; break;
    case 100: v *= -1; break;
    case 500: goto done;
    case 999: continue;
    }
    if (v > 1000000)
      break;
  }
done:
  y[i] = v;
}
