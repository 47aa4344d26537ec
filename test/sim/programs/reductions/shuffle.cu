// Sum, minimum and maximum of each row of f32: a block strides over a row, lanes reduce by shuffles, warps through shared
// memory. The last warp may be a part of one.

struct Summary {
  float sum, least, most;
};

__device__ Summary both(Summary a, Summary b) { return {a.sum + b.sum, fminf(a.least, b.least), fmaxf(a.most, b.most)}; }

__device__ Summary acrossWarp(Summary v) {
  // Which lanes there are, not which happen to be together here.
  int lane = threadIdx.x & 31, count = min(32, blockDim.x - (threadIdx.x - lane));
  unsigned members = 0xffffffffu >> (32 - count);
  for (int step = 16; step; step >>= 1) {
    Summary other = {__shfl_down_sync(members, v.sum, step), __shfl_down_sync(members, v.least, step),
                     __shfl_down_sync(members, v.most, step)};
    if (lane + step < count)
      v = both(v, other);
  }
  return v;
}

extern "C" __global__ void rowSummaries(const float *x, float *result, int columns) {
  __shared__ Summary warps[32];
  Summary v = {0, __int_as_float(0x7f800000), -__int_as_float(0x7f800000)};
  for (int i = threadIdx.x; i < columns; i += blockDim.x) {
    float value = x[blockIdx.x * columns + i];
    v = both(v, {value, value, value});
  }
  v = acrossWarp(v);
  if (threadIdx.x % 32 == 0)
    warps[threadIdx.x / 32] = v;
  __syncthreads();
  if (threadIdx.x == 0) {
    for (unsigned i = 1; i < (blockDim.x + 31) / 32; ++i)
      v = both(v, warps[i]);
    result[blockIdx.x * 3] = v.sum;
    result[blockIdx.x * 3 + 1] = v.least;
    result[blockIdx.x * 3 + 2] = v.most;
  }
}
