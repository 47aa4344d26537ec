// Objects with virtual functions, made on the device: their tables hold addresses of functions.

struct Shape {
  __device__ virtual float area() const = 0;
  __device__ virtual int corners() const { return 0; }
};

struct Circle : Shape {
  float radius;
  __device__ explicit Circle(float r) : radius(r) {}
  __device__ float area() const override { return 3 * radius * radius; }
};

struct Box : Shape {
  float width, height;
  __device__ Box(float w, float h) : width(w), height(h) {}
  __device__ float area() const override { return width * height; }
  __device__ int corners() const override { return 4; }
};

struct Prism final : Box {
  float depth;
  __device__ Prism(float w, float h, float d) : Box(w, h), depth(d) {}
  __device__ float area() const override { return 2 * (Box::area() + width * depth + height * depth); }
  __device__ int corners() const override { return Box::corners() * 2; }
};

extern "C" __global__ void areas(const float *x, float *area, int *corners) {
  int t = threadIdx.x;
  Circle circle(x[t]);
  Box box(x[t], 2);
  Prism prism(x[t], 2, 3);
  const Shape *shapes[3] = {&circle, &box, &prism};
  const Shape *mine = shapes[t % 3];
  area[t] = mine->area();
  corners[t] = mine->corners();
}
