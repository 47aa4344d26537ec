// Every thread interprets a small program of its own: a stack machine with jumps.

enum Code : unsigned char { kPush, kAdd, kMultiply, kSwap, kDuplicate, kDrop, kJumpIfNot, kJump, kArgument, kLess, kHalt };

extern "C" __global__ void interpret(const unsigned char *code, const int *starts, const int *arguments, int *results, int *steps) {
  int t = blockIdx.x * blockDim.x + threadIdx.x, pc = starts[t % 3], top = -1, count = 0;
  int stack[16];
  for (;; ++count) {
    switch (code[pc++]) {
    case kPush: stack[++top] = (signed char)code[pc++]; break;
    case kAdd: stack[top - 1] += stack[top]; --top; break;
    case kMultiply: stack[top - 1] *= stack[top]; --top; break;
    case kSwap: {
      int v = stack[top];
      stack[top] = stack[top - 1];
      stack[top - 1] = v;
      break;
    }
    case kDuplicate: stack[top + 1] = stack[top]; ++top; break;
    case kDrop: --top; break;
    case kJumpIfNot: pc = stack[top--] ? pc + 1 : code[pc]; break;
    case kJump: pc = code[pc]; break;
    case kArgument: stack[++top] = arguments[t]; break;
    case kLess: stack[top - 1] = stack[top - 1] < stack[top]; --top; break;
    case kHalt:
      results[t] = stack[top];
      steps[t] = count;
      return;
    }
  }
}
