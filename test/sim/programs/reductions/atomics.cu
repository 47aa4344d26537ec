// One result of every kind of atomic reduction, from many blocks.

extern "C" __global__ void atomicResults(const int *x, int n, int *ints, unsigned *words, unsigned long long *longs,
                                         long long *signedLongs, float *singles, double *doubles) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
    int v = x[i];
    atomicAdd(&ints[0], v);
    atomicSub(&ints[1], v);
    atomicMin(&ints[2], v);
    atomicMax(&ints[3], v);
    atomicAnd(&words[0], (unsigned)v);
    atomicOr(&words[1], (unsigned)v);
    atomicXor(&words[2], (unsigned)v);
    atomicInc(&words[3], 99);
    atomicDec(&words[4], 76);
    atomicMin(&words[5], (unsigned)v);
    atomicMax(&words[6], (unsigned)v);
    atomicAdd(&longs[0], (unsigned long long)(long long)v);
    atomicMax(&longs[1], (unsigned long long)(long long)v);
    atomicXor(&longs[2], 0x9E3779B97F4A7C15ull * (unsigned)v);
    atomicMin(&signedLongs[0], (long long)v << 20);
    atomicMax(&signedLongs[1], (long long)v << 20);
    // Small whole numbers, so that no order of the sums rounds.
    atomicAdd(&singles[0], (float)(v & 63));
    atomicAdd(&doubles[0], (double)v);
  }
}
