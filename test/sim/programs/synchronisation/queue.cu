// A bounded queue of many producers and consumers: each slot has a number that says whose turn it is.
#include "../support.cuh"

constexpr unsigned kSlots = 8;
__device__ unsigned turns[kSlots];
__device__ int slots[kSlots];
__device__ unsigned tail, front;

__device__ void enqueue(int value) {
  unsigned ticket = atomicAdd(&tail, 1), slot = ticket % kSlots;
  while (loadAcquire(&turns[slot]) != ticket / kSlots * 2)
    __nanosleep(10);
  slots[slot] = value;
  storeRelease(&turns[slot], ticket / kSlots * 2 + 1);
}

__device__ int dequeue() {
  unsigned ticket = atomicAdd(&front, 1), slot = ticket % kSlots;
  while (loadAcquire(&turns[slot]) != ticket / kSlots * 2 + 1)
    __nanosleep(10);
  int value = slots[slot];
  storeRelease(&turns[slot], ticket / kSlots * 2 + 2);
  return value;
}

/// The first half of the blocks produces.
extern "C" __global__ void exchange(const int *x, int *y, int each) {
  bool isProducer = blockIdx.x < gridDim.x / 2;
  int base = (isProducer ? blockIdx.x : blockIdx.x - gridDim.x / 2) * blockDim.x * each + threadIdx.x * each;
  for (int i = 0; i < each; ++i)
    if (isProducer)
      enqueue(x[base + i]);
    else
      y[base + i] = dequeue();
}
