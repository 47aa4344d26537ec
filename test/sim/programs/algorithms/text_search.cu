// Where a pattern stands in a text: a rolling hash per thread's part, and a comparison where it agrees.

extern "C" __global__ void search(const char *text, int length, const char *pattern, int size, int each, int *places, int *count) {
  int begin = (blockIdx.x * blockDim.x + threadIdx.x) * each, end = min(begin + each, length - size + 1);
  if (begin >= end)
    return;
  unsigned wanted = 0, hash = 0, top = 1;
  for (int i = 0; i < size; ++i) {
    wanted = wanted * 257 + pattern[i];
    hash = hash * 257 + text[begin + i];
    if (i)
      top *= 257;
  }
  for (int i = begin; i < end; ++i) {
    if (hash == wanted) {
      int j = 0;
      while (j < size && text[i + j] == pattern[j])
        ++j;
      if (j == size)
        places[atomicAdd(count, 1)] = i;
    }
    if (i + 1 < end)
      hash = (hash - text[i] * top) * 257 + text[i + size];
  }
}
