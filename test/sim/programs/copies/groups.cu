// compile: sm_80
// Groups of copies of 4, 8 and 16 bytes, awaited in order, some of them empty.
#include "../support.cuh"

template <int bytes> __device__ void copy(void *to, const void *from) {
  asm volatile("cp.async.ca.shared.global [%0], [%1], %2;" ::"r"(sharedAddress(to)), "l"(from), "n"(bytes) : "memory");
}

extern "C" __global__ void ordered(const int *x, int *y) {
  __shared__ __align__(16) int room[7 * 32];
  int t = threadIdx.x;
  copy<4>(&room[t], x + t);
  commitCopies();
  copy<8>(&room[32 + 2 * t], x + 32 + 2 * t);
  commitCopies();
  commitCopies();
  copy<16>(&room[96 + 4 * t], x + 96 + 4 * t);
  commitCopies();
  awaitCopies<3>();
  y[t] = room[t];
  awaitCopies<2>();
  __syncwarp();
  y[32 + t] = room[32 + 2 * (t ^ 1)] + room[33 + 2 * (t ^ 1)];
  asm volatile("cp.async.wait_all;" ::: "memory");
  __syncwarp();
  y[64 + t] = room[96 + t] + room[128 + t] + room[160 + t] + room[192 + t];
}
