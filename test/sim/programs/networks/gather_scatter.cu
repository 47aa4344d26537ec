// Rows of a table by index, and back: gradients added to rows by vectors of atomics, with an index that may be out of range.

extern "C" __global__ void gather(const float4 *table, const long long *index, float4 *y, int rows, int width) {
  long long k = index[blockIdx.x];
  for (int i = threadIdx.x; i < width; i += blockDim.x)
    y[blockIdx.x * width + i] = k >= 0 && k < rows ? table[k * width + i] : make_float4(0, 0, 0, 0);
}

extern "C" __global__ void scatterAdd(const float4 *gradient, const long long *index, float *table, int rows, int width) {
  long long k = index[blockIdx.x];
  if (k < 0 || k >= rows)
    return;
  for (int i = threadIdx.x; i < width; i += blockDim.x) {
    float4 g = gradient[blockIdx.x * width + i];
    float *to = table + (k * width + i) * 4;
    atomicAdd(to, g.x);
    atomicAdd(to + 1, g.y);
    atomicAdd(to + 2, g.z);
    atomicAdd(to + 3, g.w);
  }
}
