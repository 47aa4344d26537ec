// The Cholesky factor of a matrix of f64, a block a matrix, right-looking in shared memory.

extern "C" __global__ void cholesky(double *matrices, int n) {
  extern __shared__ double a[];
  double *own = matrices + blockIdx.x * n * n;
  int t = threadIdx.x;
  for (int i = t; i < n * n; i += blockDim.x)
    a[i] = own[i];
  for (int k = 0; k < n; ++k) {
    __syncthreads();
    if (t == 0)
      a[k * n + k] = sqrt(a[k * n + k]);
    __syncthreads();
    for (int i = k + 1 + t; i < n; i += blockDim.x)
      a[i * n + k] /= a[k * n + k];
    __syncthreads();
    for (int at = t; at < (n - k - 1) * (n - k - 1); at += blockDim.x) {
      int i = k + 1 + at / (n - k - 1), j = k + 1 + at % (n - k - 1);
      if (j <= i)
        a[i * n + j] -= a[i * n + k] * a[j * n + k];
    }
  }
  __syncthreads();
  for (int i = t; i < n * n; i += blockDim.x)
    own[i] = i % n <= i / n ? a[i] : 0;
}
