// compile: sm_75 nvcc library
// Histograms of CUB in a block, by atomics and by sorting.
#include <cub/block/block_histogram.cuh>

template <cub::BlockHistogramAlgorithm algorithm> __device__ void histogram(const unsigned char *x, unsigned *counts) {
  using Histogram = cub::BlockHistogram<unsigned char, 64, 4, 32, algorithm>;
  __shared__ typename Histogram::TempStorage room;
  __shared__ unsigned bins[32];
  unsigned char items[4];
  for (int i = 0; i < 4; ++i)
    items[i] = x[threadIdx.x * 4 + i];
  Histogram(room).Histogram(items, bins);
  __syncthreads();
  if (threadIdx.x < 32)
    counts[threadIdx.x] = bins[threadIdx.x];
  __syncthreads();
}

extern "C" __global__ void histograms(const unsigned char *x, unsigned *counts) {
  histogram<cub::BLOCK_HISTO_ATOMIC>(x, counts);
  histogram<cub::BLOCK_HISTO_SORT>(x, counts + 32);
}
