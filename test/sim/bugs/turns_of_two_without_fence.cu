// Bug: of two threads that take turns by flags (Peterson), none has a fence between the last look and what is guarded.
// Report: race
// Launch: --grid=2 --block=1 --resident=2
// inout i32 flags = np.zeros(3, int) -> np.zeros(3)
// inout i32 sum = np.zeros(1, int) -> [20]
#include "ptx.h"

#define FENCE(how) asm volatile("fence." how ".gpu;" ::: "memory")

template <bool isBroken> __device__ void kernel(int *flags, int *sum) {
  int me = blockIdx.x, other = 1 - me, wants, turn;
  for (int round = 0; round < 10; ++round) {
    STORE("relaxed.gpu", flags + me, 1);
    STORE("relaxed.gpu", flags + 2, other);
    FENCE("sc");
    do {
      LOAD("relaxed.gpu", wants, flags + other);
      LOAD("relaxed.gpu", turn, flags + 2);
    } while (wants && turn == other);
    if (!isBroken)
      FENCE("acq_rel");
    *sum += 1; // race
    FENCE("acq_rel");
    STORE("relaxed.gpu", flags + me, 0);
  }
  do
    LOAD("relaxed.gpu", wants, flags + other);
  while (wants);
  STORE("relaxed.gpu", flags + 2, 0);
}

KERNELS((int *flags, int *sum), flags, sum)
