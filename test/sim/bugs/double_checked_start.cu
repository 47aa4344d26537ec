// Bug: whoever finds the table made reads it without having acquired what the maker released.
// Report: race
// Launch: --grid=4 --block=1
// inout u32 state = np.zeros(1, int) -> np.array([2])
// inout i32 table = np.zeros(2, int) -> np.array([3, 5])
// out i32 y = np.array([8, 8, 8, 8])
#include "ptx.h"

template <bool isBroken> __device__ void kernel(unsigned *state, int *table, int *y) {
  unsigned isMade;
  if (isBroken)
    LOAD("relaxed.gpu", isMade, state);
  else
    LOAD("acquire.gpu", isMade, state);
  if (isMade != 2) {
    if (atomicCAS(state, 0, 1) == 0) {
      table[0] = 3; // race
      table[1] = 5; // race
      STORE("release.gpu", state, 2);
    }
    for (isMade = 0; isMade != 2;)
      if (isBroken)
        LOAD("relaxed.gpu", isMade, state);
      else
        LOAD("acquire.gpu", isMade, state);
  }
  y[blockIdx.x] = table[0] + table[1]; // race
}

KERNELS((unsigned *state, int *table, int *y), state, table, y)
