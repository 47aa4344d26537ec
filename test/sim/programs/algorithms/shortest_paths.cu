// Shortest paths between all vertices by tiles (Floyd and Warshall): the tile on the diagonal, its row and column, the rest.

constexpr int kTile = 8;

__device__ void relax(int (*c)[kTile], int (*a)[kTile], int (*b)[kTile]) {
  int x = threadIdx.x, y = threadIdx.y;
  for (int k = 0; k < kTile; ++k) {
    int way = a[y][k] + b[k][x];
    __syncthreads();
    if (way < c[y][x])
      c[y][x] = way;
    __syncthreads();
  }
}

extern "C" __global__ void phase(int *d, int n, int round, int which) {
  __shared__ int own[kTile][kTile], left[kTile][kTile], top[kTile][kTile];
  int bx = which == 0 ? round : blockIdx.x, by = which == 0 ? round : blockIdx.y;
  // The second phase has two rows of blocks: one for the row of tiles, one for the column.
  if (which == 1) {
    by = blockIdx.y ? blockIdx.x : round;
    bx = blockIdx.y ? round : blockIdx.x;
    if (blockIdx.x == round)
      return;
  }
  if (which == 2 && (bx == round || by == round))
    return;
  int x = threadIdx.x, y = threadIdx.y;
  auto at = [&](int r, int c) -> int & { return d[(r * kTile + y) * n + c * kTile + x]; };
  own[y][x] = at(by, bx);
  left[y][x] = at(by, round);
  top[y][x] = at(round, bx);
  __syncthreads();
  // Tiles that change while they are read are one array.
  relax(own, bx == round ? own : left, by == round ? own : top);
  at(by, bx) = own[y][x];
}
