// Functions that call themselves and each other, every lane to its own depth: Ackermann, even and odd, Hanoi, and a quicksort
// of each thread's own array.

__device__ __noinline__ int ackermann(int m, int n) {
  return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}

__device__ __noinline__ bool isOdd(int n);
__device__ __noinline__ bool isEven(int n) { return n == 0 || isOdd(n - 1); }
__device__ __noinline__ bool isOdd(int n) { return n != 0 && isEven(n - 1); }

__device__ __noinline__ int hanoi(int disks, int from, int to, int moves) {
  if (disks == 0)
    return moves;
  int other = 6 - from - to;
  moves = hanoi(disks - 1, from, other, moves);
  moves = moves * 3 + from * 4 + to;
  return hanoi(disks - 1, other, to, moves);
}

__device__ __noinline__ void quicksort(int *x, int low, int high) {
  if (low >= high)
    return;
  int pivot = x[(low + high) / 2], i = low, j = high;
  while (i <= j) {
    while (x[i] < pivot)
      ++i;
    while (x[j] > pivot)
      --j;
    if (i <= j) {
      int t = x[i];
      x[i++] = x[j];
      x[j--] = t;
    }
  }
  quicksort(x, low, j);
  quicksort(x, i, high);
}

extern "C" __global__ void recurse(int *numbers, int *sorted, int each) {
  int t = threadIdx.x;
  numbers[t * 3] = ackermann(t % 3, t % 5);
  numbers[t * 3 + 1] = isEven(t) * 2 + isOdd(t);
  numbers[t * 3 + 2] = hanoi(t % 6, 1, 3, t);
  quicksort(sorted + t * each, 0, each - 1);
}
