// compile: sm_80 nvcc lineinfo
// Copies from global to shared memory that the threads go on beside.

__device__ void copy16(void *to, const void *from) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"((unsigned)__cvta_generic_to_shared(to)), "l"(from) : "memory");
}

/// Sums of tiles of 128 floats, of which two are on their way at any time. With `wait` 1 the tile at hand has come; with 2
/// nothing is awaited.
template <int wait>
__device__ void sums(const float *x, float *y, int tiles) {
  __shared__ float4 stage[3][32];
  int t = threadIdx.x;
  for (int i = 0; i < 2; ++i) {
    if (i < tiles)
      copy16(&stage[i][t], x + i * 128 + t * 4);
    asm volatile("cp.async.commit_group;");
  }
  for (int i = 0; i < tiles; ++i) {
    asm volatile("cp.async.wait_group %0;" ::"n"(wait) : "memory");
    __syncwarp();
    // The neighbour's part, so that waiting for one's own is not enough.
    float4 v = stage[i % 3][t ^ 1];
    y[i * 32 + t] = v.x + v.y + v.z + v.w;
    if (i + 2 < tiles)
      copy16(&stage[(i + 2) % 3][t], x + (i + 2) * 128 + t * 4);
    asm volatile("cp.async.commit_group;");
  }
}

extern "C" {
__global__ void staged(const float *x, float *y, int tiles) { sums<1>(x, y, tiles); }
__global__ void notAwaited(const float *x, float *y, int tiles) { sums<2>(x, y, tiles); }

/// Bytes beyond `valid` are zero.
__global__ void clipped(const char *x, char *y, int valid) {
  __shared__ __align__(16) char stage[32 * 16];
  int t = threadIdx.x;
  asm volatile("cp.async.ca.shared.global [%0], [%1], 16, %2;" ::"r"((unsigned)__cvta_generic_to_shared(stage + 16 * t)), "l"(x + 16 * t), "r"(min(max(valid - 16 * t, 0), 16)) : "memory");
  asm volatile("cp.async.wait_all;" ::: "memory");
  __syncthreads();
  for (int i = 0; i < 16; ++i)
    y[i * 32 + t] = stage[i * 32 + t];
}

/// One warp fills, the other takes, in turn, by two mbarriers a slot.
__global__ void handover(const float *x, float *y, int tiles) {
  __shared__ __align__(8) unsigned long long full[2], empty[2];
  __shared__ float slot[2][32];
  int t = threadIdx.x % 32;
  unsigned pf[2] = {(unsigned)__cvta_generic_to_shared(&full[0]), (unsigned)__cvta_generic_to_shared(&full[1])};
  unsigned pe[2] = {(unsigned)__cvta_generic_to_shared(&empty[0]), (unsigned)__cvta_generic_to_shared(&empty[1])};
  if (threadIdx.x < 2) {
    asm volatile("mbarrier.init.shared.b64 [%0], 32;" ::"r"(pf[threadIdx.x]) : "memory");
    asm volatile("mbarrier.init.shared.b64 [%0], 32;" ::"r"(pe[threadIdx.x]) : "memory");
  }
  __syncthreads();
  for (int i = 0; i < tiles; ++i) {
    int s = i % 2, round = i / 2;
    bool isProducer = threadIdx.x < 32;
    // A slot is empty in the first round without anybody saying so.
    unsigned bar = isProducer ? pe[s] : pf[s], parity = isProducer ? (round & 1) ^ 1 : round & 1, done = 0;
    while (!done)
      asm volatile("{\n.reg .pred p;\nmbarrier.test_wait.parity.shared.b64 p, [%1], %2;\nselp.u32 %0, 1, 0, p;\n}" : "=r"(done) : "r"(bar), "r"(parity) : "memory");
    if (isProducer) {
      asm volatile("cp.async.ca.shared.global [%0], [%1], 4;" ::"r"((unsigned)__cvta_generic_to_shared(&slot[s][t])), "l"(x + i * 32 + t) : "memory");
      asm volatile("cp.async.mbarrier.arrive.noinc.shared.b64 [%0];" ::"r"(pf[s]) : "memory");
    } else {
      y[i * 32 + t] = 2 * slot[s][31 - t];
      asm volatile("{\n.reg .b64 state;\nmbarrier.arrive.shared.b64 state, [%0];\n}" ::"r"(pe[s]) : "memory");
    }
  }
}
}
