// Accelerations of bodies that attract each other, over tiles of bodies in shared memory.

extern "C" __global__ void accelerations(const float4 *bodies, float4 *result, int n, float softening) {
  __shared__ float4 tile[64];
  int i = blockIdx.x * 64 + threadIdx.x;
  float4 mine = i < n ? bodies[i] : make_float4(0, 0, 0, 0), sum = make_float4(0, 0, 0, 0);
  for (int base = 0; base < n; base += 64) {
    tile[threadIdx.x] = base + threadIdx.x < n ? bodies[base + threadIdx.x] : make_float4(0, 0, 0, 0);
    __syncthreads();
    for (int j = 0; j < 64; ++j) {
      float4 other = tile[j];
      float dx = other.x - mine.x, dy = other.y - mine.y, dz = other.z - mine.z;
      float r = __frcp_rn(__fsqrt_rn(dx * dx + dy * dy + dz * dz + softening));
      float s = other.w * r * r * r;
      sum.x += dx * s;
      sum.y += dy * s;
      sum.z += dz * s;
      sum.w += other.w * r;
    }
    __syncthreads();
  }
  if (i < n)
    result[i] = sum;
}
