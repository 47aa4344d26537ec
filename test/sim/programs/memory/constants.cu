// Constant memory of all kinds: scalars, arrays, structures, pointers to it, and tables by two indices.

struct Rule {
  int factor;
  float share;
  unsigned char bytes[4];
};

__constant__ Rule rules[3] = {{3, 0.5f, {1, 2, 3, 4}}, {-7, 0.25f, {250, 251, 252, 253}}, {1 << 20, 8.0f, {0, 0, 9, 0}}};
__constant__ short grid[4][3] = {{1, 2, 3}, {-4, -5, -6}, {700, 800, 900}, {10, 11, 12}};
__constant__ long long wide = -0x123456789ABCDEFll;
__device__ const double device[2] = {1.5, -2.5};
__constant__ char text[] = "constants";

__device__ __noinline__ int weigh(const short *row, int i) { return row[0] * i + row[1] - row[2]; }

extern "C" __global__ void read(int *y, float *z, long long *w) {
  int t = threadIdx.x;
  const Rule &rule = rules[t % 3];
  y[t] = rule.factor * t + rule.bytes[t % 4] + weigh(grid[t % 4], t) + text[t % 9];
  z[t] = rule.share * t + (float)device[t & 1];
  w[t] = wide * (t + 1);
}
