// Clocks that go on, and numbers of the machine: special registers, compared with what they must be.

extern "C" __global__ void registers(unsigned *y, long long *clocks, int *wrong) {
  unsigned lane, warp, count, smallest, below, above, size, t = threadIdx.y * blockDim.x + threadIdx.x;
  asm("mov.u32 %0, %%laneid;" : "=r"(lane));
  asm("mov.u32 %0, %%nwarpid;" : "=r"(count));
  asm("mov.u32 %0, %%warpid;" : "=r"(warp));
  asm("mov.u32 %0, %%lanemask_eq;" : "=r"(smallest));
  asm("mov.u32 %0, %%lanemask_lt;" : "=r"(below));
  asm("mov.u32 %0, %%lanemask_ge;" : "=r"(above));
  asm("mov.u32 %0, %%dynamic_smem_size;" : "=r"(size));
  long long begin = clock64(), beginTime;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(beginTime));
  volatile int spun = 0;
  while (spun < 10)
    spun = spun + 1;
  __nanosleep(100);
  long long end = clock64(), endTime;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(endTime));
  clocks[t] = end - begin;
  if (endTime < beginTime || warp >= count || smallest != 1u << lane || (below ^ above) != ~0u)
    atomicAdd(wrong, 1);
  y[t * 4] = lane;
  y[t * 4 + 1] = below;
  y[t * 4 + 2] = gridDim.z * 100 + blockDim.y;
  y[t * 4 + 3] = size;
}
