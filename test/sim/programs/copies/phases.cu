// compile: sm_80
// mbarriers with phases of different makers: threads that arrive with counts, drop out, wait by state and by parity.
#include "../support.cuh"

extern "C" __global__ void phases(const int *x, int *y, int rounds) {
  __shared__ __align__(8) unsigned long long bar;
  __shared__ int values[64];
  int t = threadIdx.x;
  unsigned at = sharedAddress(&bar);
  if (t == 0)
    asm volatile("mbarrier.init.shared.b64 [%0], %1;" ::"r"(at), "r"(blockDim.x) : "memory");
  __syncthreads();
  int sum = 0;
  for (int r = 0; r < rounds; ++r) {
    values[t] = x[r * 64 + t];
    unsigned long long state;
    // The last warp's first lane goes after half of the rounds, and is not awaited from then on.
    if (t == 32 && r == rounds / 2) {
      asm volatile("mbarrier.arrive_drop.shared.b64 %0, [%1];" : "=l"(state) : "r"(at) : "memory");
      y[t] = sum;
      return;
    }
    asm volatile("mbarrier.arrive.shared.b64 %0, [%1];" : "=l"(state) : "r"(at) : "memory");
    unsigned isDone = 0;
    while (!isDone)
      if (t & 1)
        asm volatile("{\n.reg .pred p;\nmbarrier.test_wait.shared.b64 p, [%1], %2;\nselp.u32 %0, 1, 0, p;\n}" : "=r"(isDone) : "r"(at), "l"(state) : "memory");
      else
        asm volatile("{\n.reg .pred p;\nmbarrier.test_wait.parity.shared.b64 p, [%1], %2;\nselp.u32 %0, 1, 0, p;\n}" : "=r"(isDone) : "r"(at), "r"((2 * r) & 1) : "memory");
    sum += values[63 - t] * (r + 1);
    // A second phase, so that nobody writes what another still reads.
    asm volatile("mbarrier.arrive.shared.b64 %0, [%1];" : "=l"(state) : "r"(at) : "memory");
    isDone = 0;
    while (!isDone)
      asm volatile("{\n.reg .pred p;\nmbarrier.test_wait.shared.b64 p, [%1], %2;\nselp.u32 %0, 1, 0, p;\n}" : "=r"(isDone) : "r"(at), "l"(state) : "memory");
  }
  y[t] = sum;
}
