// A seven-point stencil in a three-dimensional grid of three-dimensional blocks.

extern "C" __global__ void laplace(const double *x, double *y, int nx, int ny, int nz) {
  int i = blockIdx.x * blockDim.x + threadIdx.x, j = blockIdx.y * blockDim.y + threadIdx.y, k = blockIdx.z * blockDim.z + threadIdx.z;
  if (i >= nx || j >= ny || k >= nz)
    return;
  auto at = [=](int a, int b, int c) { return a < 0 || b < 0 || c < 0 || a >= nx || b >= ny || c >= nz ? 0.0 : x[(c * ny + b) * nx + a]; };
  y[(k * ny + j) * nx + i] = at(i - 1, j, k) + at(i + 1, j, k) + at(i, j - 1, k) + at(i, j + 1, k) + at(i, j, k - 1) + at(i, j, k + 1) - 6 * at(i, j, k);
}
