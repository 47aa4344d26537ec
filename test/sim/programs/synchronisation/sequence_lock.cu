// A sequence lock: a writer changes four words that belong together; readers try again where the number was odd or changed.

__device__ volatile unsigned sequence;
__device__ volatile int record[4];

extern "C" __global__ void readAndWrite(int *bad, int *seen, int writes) {
  if (blockIdx.x == 0) {
    if (threadIdx.x)
      return;
    for (int i = 1; i <= writes; ++i) {
      sequence = sequence + 1;
      __threadfence();
      for (int j = 0; j < 4; ++j)
        record[j] = i * (j + 1);
      __threadfence();
      sequence = sequence + 1;
    }
  } else {
    int last = 0;
    while (last < writes) {
      unsigned before = sequence;
      __threadfence();
      int v[4];
      for (int j = 0; j < 4; ++j)
        v[j] = record[j];
      __threadfence();
      if (before & 1 || sequence != before)
        continue;
      for (int j = 1; j < 4; ++j)
        if (v[j] != v[0] * (j + 1))
          atomicAdd(bad, 1);
      if (v[0] < last)
        atomicAdd(bad, 1);
      last = v[0];
    }
    seen[blockIdx.x * blockDim.x + threadIdx.x] = last;
  }
}
