// A search tree of nodes that malloc gives, for each thread: built, walked and freed by functions that call themselves.
struct Node {
  int value, count;
  Node *less, *more;
};

__device__ __noinline__ Node *insert(Node *node, int value) {
  if (!node) {
    node = static_cast<Node *>(malloc(sizeof(Node)));
    node->value = value;
    node->count = 1;
    node->less = node->more = nullptr;
  } else if (value == node->value) {
    ++node->count;
  } else if (value < node->value) {
    node->less = insert(node->less, value);
  } else {
    node->more = insert(node->more, value);
  }
  return node;
}

__device__ __noinline__ int *walk(const Node *node, int *out) {
  if (!node)
    return out;
  out = walk(node->less, out);
  for (int i = 0; i < node->count; ++i)
    *out++ = node->value;
  return walk(node->more, out);
}

__device__ __noinline__ int release(Node *node) {
  if (!node)
    return 0;
  int height = max(release(node->less), release(node->more));
  free(node);
  return height + 1;
}

extern "C" __global__ void sortByTree(const int *x, int *y, int *heights, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  Node *root = nullptr;
  for (int k = 0; k < n; ++k)
    root = insert(root, x[i * n + k]);
  walk(root, y + i * n);
  heights[i] = release(root);
}
