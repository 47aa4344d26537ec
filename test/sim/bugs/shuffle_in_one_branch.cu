// Bug: half of a warp shuffles among all lanes while the other half waits behind the branch.
// Report: sync
// Launch: --grid=1 --block=32
// in i32 x = rng.integers(-99, 99, 32)
// out i32 y = np.where(np.arange(32) < 16, np.concatenate([x[:16].reshape(8, 2)[:, ::-1].ravel(), x[16:]]), -x)
#include "ptx.h"

template <bool isBroken> __device__ void kernel(const int *x, int *y) {
  __shared__ int results[32];
  int lane = threadIdx.x, v = x[lane];
  if (lane < 16)
    v = __shfl_xor_sync(isBroken ? ~0u : 0xffffu, v, 1); // sync
  else
    v = -v;
  results[lane] = v;
  __syncwarp(); // sync
  y[lane] = results[lane];
}

KERNELS((const int *x, int *y), x, y)
