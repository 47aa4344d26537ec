// A structure of some kilobytes by value, indexed by what threads compute, beside other parameters.

struct Table {
  signed char bytes[5];
  short shorts[3];
  double doubles[100];
  int ints[300];
  struct {
    unsigned char kind;
    long long value;
  } records[40];
};

extern "C" __global__ void look(char first, Table table, short middle, const int *index, double *y, long long *z, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    return;
  int k = index[i];
  y[i] = table.doubles[k % 100] * table.shorts[k % 3] + table.bytes[k % 5] + first;
  z[i] = table.records[k % 40].value + table.records[(k + 1) % 40].kind * table.ints[k % 300] + middle;
}
