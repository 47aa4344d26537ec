// How long points stay in the Mandelbrot set's circle: in f64 with its products and sums rounded one by one, so that the
// count is exact, and in fixed point.

extern "C" __global__ void escape(int *counts, int *fixedCounts, int width, int height, int most) {
  int c = blockIdx.x * blockDim.x + threadIdx.x, r = blockIdx.y * blockDim.y + threadIdx.y;
  if (c >= width || r >= height)
    return;
  double x0 = -2 + 3.0 * c / width, y0 = -1.5 + 3.0 * r / height, x = 0, y = 0;
  int n = 0;
  while (n < most && __dadd_rn(__dmul_rn(x, x), __dmul_rn(y, y)) <= 4) {
    double t = __dadd_rn(__dadd_rn(__dmul_rn(x, x), -__dmul_rn(y, y)), x0);
    y = __dadd_rn(__dmul_rn(__dmul_rn(2, x), y), y0);
    x = t;
    ++n;
  }
  counts[r * width + c] = n;
  constexpr int kShift = 24;
  int fx0 = -(2 << kShift) + (3 << kShift) / width * c, fy0 = -(3 << (kShift - 1)) + (3 << kShift) / height * r, fx = 0, fy = 0;
  for (n = 0; n < most; ++n) {
    long long xx = (long long)fx * fx >> kShift, yy = (long long)fy * fy >> kShift;
    if (xx + yy > 4ll << kShift)
      break;
    fy = (int)(((long long)fx * fy >> (kShift - 1)) + fy0);
    fx = (int)(xx - yy + fx0);
  }
  fixedCounts[r * width + c] = n;
}
