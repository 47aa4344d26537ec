// Generations of Conway's Game of Life on a torus, 32 cells a word: the neighbours of all 32 are counted at once.

extern "C" __global__ void generation(const unsigned *from, unsigned *to, int rows, int words) {
  int w = blockIdx.x * blockDim.x + threadIdx.x, row = blockIdx.y;
  if (w >= words)
    return;
  unsigned ones = 0, twos = 0, fours = 0;
  auto count = [&](unsigned v) {
    unsigned c1 = ones & v;
    ones ^= v;
    unsigned c2 = twos & c1;
    twos ^= c1;
    fours |= c2;
  };
  unsigned middle = 0;
  for (int d = -1; d <= 1; ++d) {
    const unsigned *line = from + (row + d + rows) % rows * words;
    unsigned left = line[(w + words - 1) % words], here = line[w], right = line[(w + 1) % words];
    count(__funnelshift_l(left, here, 1));
    count(__funnelshift_r(here, right, 1));
    if (d == 0)
      middle = here;
    else
      count(here);
  }
  // Alive with three neighbours, or with two if alive before. Eight neighbours look like none, which die as well.
  to[row * words + w] = twos & ~fours & (ones | middle);
}
