/*===- emulator.c - AMX on machines without it -------------------*- C -*-===
 * Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * A library to preload (LD_PRELOAD). An instruction of AMX-TILE, AMX-INT8 or
 * AMX-BF16 that the processor does not know raises SIGILL; the handler here
 * executes it on tiles of the thread's own and goes on behind it. It also
 * answers the request for Linux's permission to use tiles. What instructions
 * do: Intel's manual, volume 2, and volume 1, chapter 18 (palette 1, in which
 * TILEDATA is eight tiles of 16 rows of 64 bytes).
 *
 * TILEC_AMX_EMULATOR=refuse in the environment: the permission is refused.
 *===----------------------------------------------------------------------===*/
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <immintrin.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>

enum { TILES = 8, ROWS = 16, ROW_BYTES = 64, CONFIG_BYTES = 64, COLUMNS = ROW_BYTES / 4 };

/* Where a configuration has its fields. */
enum { PALETTE_AT = 0, START_ROW_AT = 1, COLUMN_BYTES_AT = 16, ROWS_AT = 48 };

typedef struct {
  uint8_t rows;
  uint16_t column_bytes; /* of a row */
} Shape;

/* The state of a thread. It is configured if the palette is not 0. */
typedef struct {
  uint8_t palette, start_row;
  Shape shapes[TILES];
  uint8_t data[TILES][ROWS][ROW_BYTES];
} State;

/* Initial-exec: a signal handler may not wait for memory to be allocated. */
static _Thread_local State state __attribute__((tls_model("initial-exec")));

/* What an instruction does to the thread that executes it: it goes on, or gets
 * an exception. Linux makes SIGILL of #UD and SIGSEGV of #GP. */
typedef enum { DONE, INVALID_OPCODE, GENERAL_PROTECTION } Outcome;

/*===----------------------------------------------------------------------===
 * Configuration
 *===----------------------------------------------------------------------===*/

static int is_zero(const uint8_t *bytes, int begin, int end) {
  for (int i = begin; i < end; ++i)
    if (bytes[i])
      return 0;
  return 1;
}

static Outcome load_config(const uint8_t *memory) {
  uint8_t config[CONFIG_BYTES];
  State next;
  memcpy(config, memory, CONFIG_BYTES);
  memset(&next, 0, sizeof next);
  next.palette = config[PALETTE_AT];
  if (next.palette > 1)
    return GENERAL_PROTECTION;
  if (next.palette) {
    next.start_row = config[START_ROW_AT];
    if (!is_zero(config, START_ROW_AT + 1, COLUMN_BYTES_AT) || !is_zero(config, COLUMN_BYTES_AT + 2 * TILES, ROWS_AT) ||
        !is_zero(config, ROWS_AT + TILES, CONFIG_BYTES))
      return GENERAL_PROTECTION;
    for (int tile = 0; tile < TILES; ++tile) {
      Shape *shape = &next.shapes[tile];
      memcpy(&shape->column_bytes, config + COLUMN_BYTES_AT + 2 * tile, 2);
      shape->rows = config[ROWS_AT + tile];
      if (shape->column_bytes > ROW_BYTES || shape->rows > ROWS || !shape->rows != !shape->column_bytes)
        return GENERAL_PROTECTION;
    }
  }
  state = next;
  return DONE;
}

static void store_config(uint8_t *memory) {
  uint8_t config[CONFIG_BYTES] = {0};
  config[PALETTE_AT] = state.palette;
  config[START_ROW_AT] = state.start_row;
  for (int tile = 0; tile < TILES; ++tile) {
    memcpy(config + COLUMN_BYTES_AT + 2 * tile, &state.shapes[tile].column_bytes, 2);
    config[ROWS_AT + tile] = state.shapes[tile].rows;
  }
  memcpy(memory, config, CONFIG_BYTES);
}

/* Whether a tile can be an operand: one that is configured, of whole words. */
static int is_valid(int tile) {
  const Shape *shape = &state.shapes[tile];
  return tile < TILES && state.palette && shape->rows && shape->column_bytes % 4 == 0;
}

/*===----------------------------------------------------------------------===
 * Loads and stores
 *===----------------------------------------------------------------------===*/

static Outcome load_tile(int tile, uint64_t start, uint64_t stride) {
  if (!is_valid(tile))
    return INVALID_OPCODE;
  const Shape *shape = &state.shapes[tile];
  /* Rows before start_row were loaded before an exception. */
  for (int row = state.start_row; row < shape->rows; ++row) {
    memcpy(state.data[tile][row], (const void *)(start + row * stride), shape->column_bytes);
    memset(state.data[tile][row] + shape->column_bytes, 0, ROW_BYTES - shape->column_bytes);
  }
  memset(state.data[tile][shape->rows], 0, (size_t)(ROWS - shape->rows) * ROW_BYTES);
  state.start_row = 0;
  return DONE;
}

static Outcome store_tile(int tile, uint64_t start, uint64_t stride) {
  if (!is_valid(tile))
    return INVALID_OPCODE;
  const Shape *shape = &state.shapes[tile];
  for (int row = state.start_row; row < shape->rows; ++row)
    memcpy((void *)(start + row * stride), state.data[tile][row], shape->column_bytes);
  state.start_row = 0;
  return DONE;
}

static Outcome zero_tile(int tile) {
  if (!is_valid(tile))
    return INVALID_OPCODE;
  memset(state.data[tile], 0, sizeof state.data[tile]);
  state.start_row = 0;
  return DONE;
}

/*===----------------------------------------------------------------------===
 * Products
 *===----------------------------------------------------------------------===*/

/* The operands of a product: sums [rows][columns] += left [rows][depth] * right [depth][columns], in words of 4 bytes.
 */
typedef struct {
  uint8_t (*sums)[ROW_BYTES];
  uint8_t (*left)[ROW_BYTES];
  uint8_t (*right)[ROW_BYTES];
  int rows, columns, depth;
} Product;

static float bf16_at(const uint8_t *row, int index) {
  uint16_t half;
  memcpy(&half, row + 2 * index, 2);
  uint32_t bits = (uint32_t)half << 16;
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

/* Even and odd terms have a chain of fused multiply-adds each, from zero on; their sum is added to what was there. */
__attribute__((noinline)) static void multiply_bf16(const Product *p) {
  for (int m = 0; m < p->rows; ++m) {
    float even[COLUMNS] = {0}, odd[COLUMNS] = {0}, sums[COLUMNS];
    for (int k = 0; k < p->depth; ++k)
      for (int n = 0; n < p->columns; ++n) {
        even[n] = __builtin_fmaf(bf16_at(p->left[m], 2 * k), bf16_at(p->right[k], 2 * n), even[n]);
        odd[n] = __builtin_fmaf(bf16_at(p->left[m], 2 * k + 1), bf16_at(p->right[k], 2 * n + 1), odd[n]);
      }
    memcpy(sums, p->sums[m], ROW_BYTES);
    for (int n = 0; n < p->columns; ++n)
      sums[n] += even[n] + odd[n];
    memcpy(p->sums[m], sums, (size_t)p->columns * 4);
  }
}

static int32_t byte_at(const uint8_t *row, int index, int is_signed) {
  return is_signed ? (int8_t)row[index] : row[index];
}

static void multiply_bytes(const Product *p, int left_signed, int right_signed) {
  for (int m = 0; m < p->rows; ++m)
    for (int n = 0; n < p->columns; ++n) {
      uint32_t sum; /* wraps */
      memcpy(&sum, p->sums[m] + 4 * n, 4);
      for (int k = 0; k < p->depth; ++k)
        for (int i = 0; i < 4; ++i)
          sum +=
              (uint32_t)(byte_at(p->left[m], 4 * k + i, left_signed) * byte_at(p->right[k], 4 * n + i, right_signed));
      memcpy(p->sums[m] + 4 * n, &sum, 4);
    }
}

/* The last byte of prefixes, as VEX has it: none, 66, F3, F2. */
enum { PREFIX_NONE, PREFIX_66, PREFIX_F3, PREFIX_F2 };

static Outcome multiply(int opcode, int prefix, int sums, int left, int right) {
  if (sums == left || sums == right || left == right || !is_valid(sums) || !is_valid(left) || !is_valid(right))
    return INVALID_OPCODE;
  const Shape *c = &state.shapes[sums], *a = &state.shapes[left], *b = &state.shapes[right];
  if (c->rows != a->rows || c->column_bytes != b->column_bytes || a->column_bytes / 4 != b->rows)
    return INVALID_OPCODE;
  Product product = {state.data[sums], state.data[left], state.data[right], c->rows, c->column_bytes / 4, b->rows};
  if (opcode == 0x5c) {
    /* Subnormals are zero and results rounded to nearest, whatever the program's control register says. */
    unsigned control = _mm_getcsr();
    _mm_setcsr(0x1f80 | _MM_FLUSH_ZERO_ON | _MM_DENORMALS_ZERO_ON);
    multiply_bf16(&product);
    _mm_setcsr(control);
  } else {
    multiply_bytes(&product, prefix == PREFIX_F2 || prefix == PREFIX_F3, prefix == PREFIX_F2 || prefix == PREFIX_66);
  }
  /* Whatever a tile does not have is zero: rows and columns beyond its shape were zero before. */
  state.start_row = 0;
  return DONE;
}

/*===----------------------------------------------------------------------===
 * Instructions
 *===----------------------------------------------------------------------===*/

static greg_t *place_of(ucontext_t *context, int number) {
  static const int places[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                                 REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
  return &context->uc_mcontext.gregs[places[number]];
}

static uint64_t general_register(ucontext_t *context, int number) { return (uint64_t)*place_of(context, number); }

/* The memory operand of an instruction. */
typedef struct {
  uint64_t base;   /* with the displacement */
  uint64_t stride; /* the scaled index */
  int has_sib;
} Memory;

/* Decodes the memory operand whose ModRM byte is at `code`; returns where the instruction ends. */
static const uint8_t *decode_memory(const uint8_t *code, int rex_x, int rex_b, ucontext_t *context, Memory *memory) {
  int mode = *code >> 6, base = *code & 7, is_absolute = 0, is_relative = 0;
  ++code;
  memset(memory, 0, sizeof *memory);
  if (base == 4) {
    memory->has_sib = 1;
    int scale = *code >> 6, index = (*code >> 3 & 7) | rex_x << 3;
    base = *code & 7;
    ++code;
    if (index != 4)
      memory->stride = general_register(context, index) << scale;
    is_absolute = base == 5 && mode == 0;
  } else {
    is_relative = base == 5 && mode == 0;
  }
  int32_t displacement = 0;
  if (mode == 1) {
    displacement = (int8_t)*code;
    code += 1;
  } else if (mode == 2 || is_absolute || is_relative) {
    memcpy(&displacement, code, 4);
    code += 4;
  }
  if (is_relative)
    memory->base = (uint64_t)code;
  else if (!is_absolute)
    memory->base = general_register(context, base | rex_b << 3);
  memory->base += (uint64_t)(int64_t)displacement;
  return code;
}

/* Executes the instruction of AMX at `code`, and says where it ends. */
static Outcome execute(const uint8_t *code, ucontext_t *context, const uint8_t **end) {
  enum { VEX3 = 0xc4, MAP_0F38 = 2 };
  if (code[0] != VEX3 || (code[1] & 0x1f) != MAP_0F38 || code[2] & 0x84) /* W and L are 0 */
    return INVALID_OPCODE;
  int rex_r = !(code[1] & 0x80), rex_x = !(code[1] & 0x40), rex_b = !(code[1] & 0x20);
  int third = ~code[2] >> 3 & 15, prefix = code[2] & 3, opcode = code[3];
  int mode = code[4] >> 6, reg = (code[4] >> 3 & 7) | rex_r << 3, rm = (code[4] & 7) | rex_b << 3;
  Memory memory;
  *end = code + 5;
  if (opcode == 0x5c || opcode == 0x5e) {
    if (mode != 3 || reg >= TILES || rm >= TILES || third >= TILES || (opcode == 0x5c && prefix != PREFIX_F3))
      return INVALID_OPCODE;
    return multiply(opcode, prefix, reg, rm, third);
  }
  if (third) /* vvvv names no operand, and is all ones */
    return INVALID_OPCODE;
  if (opcode == 0x49 && mode == 3) {
    if (prefix == PREFIX_NONE && reg == 0 && rm == 0) {
      memset(&state, 0, sizeof state);
      return DONE;
    }
    return prefix == PREFIX_F2 && reg < TILES && rm == 0 ? zero_tile(reg) : INVALID_OPCODE;
  }
  if (mode == 3)
    return INVALID_OPCODE;
  *end = decode_memory(code + 4, rex_x, rex_b, context, &memory);
  if (opcode == 0x49 && reg == 0 && prefix == PREFIX_NONE)
    return load_config((const uint8_t *)(memory.base + memory.stride));
  if (opcode == 0x49 && reg == 0 && prefix == PREFIX_66) {
    store_config((uint8_t *)(memory.base + memory.stride));
    return DONE;
  }
  if (opcode != 0x4b || !memory.has_sib || reg >= TILES || prefix == PREFIX_NONE)
    return INVALID_OPCODE;
  return prefix == PREFIX_F3 ? store_tile(reg, memory.base, memory.stride) : load_tile(reg, memory.base, memory.stride);
}

/*===----------------------------------------------------------------------===
 * Signals and system calls
 *===----------------------------------------------------------------------===*/

/* What the program wants done with SIGILL. */
static struct sigaction program_action;

typedef int (*Sigaction)(int, const struct sigaction *, struct sigaction *);

/* The C library's function, which the one of this name below hides. */
static int next_sigaction(int number, const struct sigaction *action, struct sigaction *old) {
  static Sigaction next;
  if (!next)
    next = (Sigaction)dlsym(RTLD_NEXT, "sigaction");
  return next(number, action, old);
}

static void handle(int number, siginfo_t *info, void *argument) {
  ucontext_t *context = argument;
  const uint8_t *code = (const uint8_t *)context->uc_mcontext.gregs[REG_RIP], *end;
  Outcome outcome = execute(code, context, &end);
  switch (outcome) {
  case DONE:
    context->uc_mcontext.gregs[REG_RIP] = (greg_t)end;
    return;
  case GENERAL_PROTECTION:
    raise(SIGSEGV);
    return;
  case INVALID_OPCODE:
    break;
  }
  if (program_action.sa_flags & SA_SIGINFO)
    program_action.sa_sigaction(number, info, argument);
  else if (program_action.sa_handler != SIG_DFL && program_action.sa_handler != SIG_IGN)
    program_action.sa_handler(number);
  else /* the same instruction, without this handler */
    next_sigaction(SIGILL, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
}

__attribute__((constructor)) static void start(void) {
  struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  next_sigaction(SIGILL, &action, &program_action);
}

/* The program's handler comes second. */
int sigaction(int number, const struct sigaction *action, struct sigaction *old) {
  if (number != SIGILL)
    return next_sigaction(number, action, old);
  if (old)
    *old = program_action;
  if (action)
    program_action = *action;
  return 0;
}

long syscall(long number, ...) {
  enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 }; /* of asm/prctl.h, and the number in XCR0 */
  va_list list;
  long words[6];
  va_start(list, number);
  for (int i = 0; i < 6; ++i)
    words[i] = va_arg(list, long);
  va_end(list);
  long result;
  if (number == SYS_arch_prctl && words[0] == REQUEST_PERMISSION && words[1] == TILE_DATA) {
    const char *mode = getenv("TILEC_AMX_EMULATOR");
    result = mode && !strcmp(mode, "refuse") ? -EPERM : 0;
  } else {
    register long fourth __asm__("r10") = words[3], fifth __asm__("r8") = words[4], sixth __asm__("r9") = words[5];
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(words[0]), "S"(words[1]), "d"(words[2]), "r"(fourth), "r"(fifth), "r"(sixth)
                     : "rcx", "r11", "memory");
  }
  if (result < 0 && result > -4096) {
    errno = (int)-result;
    return -1;
  }
  return result;
}
