// A lock that all threads of all blocks take in turn to change two plain numbers that belong together.

__device__ unsigned lockWord;

extern "C" __global__ void lockedUpdates(int *pair, int each) {
  for (int i = 0; i < each; ++i) {
    bool isDone = false;
    while (!isDone)
      if (atomicCAS(&lockWord, 0, 1) == 0) {
        __threadfence();
        int a = pair[0];
        pair[0] = a + 1;
        pair[1] = a * a;
        __threadfence();
        atomicExch(&lockWord, 0);
        isDone = true;
      }
  }
}
