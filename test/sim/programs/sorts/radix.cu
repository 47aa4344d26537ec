// A radix sort of one block, four bits a pass: each thread counts the digits of its own run of keys, a scan over digits and
// threads gives every key its place. Values follow their keys, and equal keys keep their order.

constexpr int kThreads = 64, kDigits = 16;

extern "C" __global__ void radixSort(int *keys, short *values, int *otherKeys, short *otherValues, int n) {
  __shared__ int counts[kDigits][kThreads];
  __shared__ int starts[kDigits + 1];
  int t = threadIdx.x, each = (n + kThreads - 1) / kThreads, begin = min(t * each, n), end = min(begin + each, n);
  for (int shift = 0; shift < 32; shift += 4) {
    for (int d = 0; d < kDigits; ++d)
      counts[d][t] = 0;
    for (int i = begin; i < end; ++i)
      ++counts[(unsigned)(keys[i] ^ 0x80000000) >> shift & 15][t];
    __syncthreads();
    if (t < kDigits) {
      int sum = 0;
      for (int j = 0; j < kThreads; ++j) {
        int v = counts[t][j];
        counts[t][j] = sum;
        sum += v;
      }
      starts[t + 1] = sum;
    }
    __syncthreads();
    if (t == 0) {
      starts[0] = 0;
      for (int d = 0; d < kDigits; ++d)
        starts[d + 1] += starts[d];
    }
    __syncthreads();
    for (int i = begin; i < end; ++i) {
      int d = (unsigned)(keys[i] ^ 0x80000000) >> shift & 15, place = starts[d] + counts[d][t]++;
      otherKeys[place] = keys[i];
      otherValues[place] = values[i];
    }
    __syncthreads();
    int *k = keys;
    keys = otherKeys;
    otherKeys = k;
    short *v = values;
    values = otherValues;
    otherValues = v;
  }
}
