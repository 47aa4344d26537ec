/*===- KernelABI.h - What compiled kernels export and import ------*- C -*-===
 * Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The contract between compiled kernels, the support functions that they call
 * and the programs that call them. Plain C; everything in this file is ABI.
 *
 * A kernel K exports four symbols:
 *
 *   int32_t K(args...);
 *   int64_t K_workspace_size(args...);
 *   int32_t K_with_workspace(args..., void *workspace, int64_t size);
 *   extern const TilecKernelDesc K_descriptor;
 *
 * `args` are the parameters in order, then the results: `DLTensor *` for
 * arrays, C scalars otherwise. bool travels as uint8_t (0 or 1), f16 and bf16
 * as the uint16_t, f8 as the uint8_t that holds their bits. const and type
 * parameters are not passed. No integer argument is assumed to be extended
 * beyond its own width.
 *
 * K and K_with_workspace return a status: TILEC_OK or another TilecStatus,
 * whose text tilec_status_text() gives. K_workspace_size returns the bytes
 * that temporaries need for these arguments, or minus a status. Every entry
 * point checks its arguments before it touches any array memory. `workspace`
 * is aligned to TILEC_WORKSPACE_ALIGNMENT bytes, and may be NULL when the size
 * is 0; K allocates one itself.
 *===----------------------------------------------------------------------===*/
#ifndef TILEC_RUNTIME_KERNELABI_H
#define TILEC_RUNTIME_KERNELABI_H

#include "tilec/Runtime/DLPack.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*===----------------------------------------------------------------------===
 * Status
 *===----------------------------------------------------------------------===*/

/* What a kernel's entry points return. */
typedef enum {
  TILEC_OK = 0,
  TILEC_ERR_NULL = 1,        /* an argument, its data or its shape is NULL */
  TILEC_ERR_DEVICE = 2,      /* an array is not in CPU memory */
  TILEC_ERR_DTYPE = 3,       /* an array has another element type */
  TILEC_ERR_RANK = 4,        /* an array has another number of dims */
  TILEC_ERR_EXTENT = 5,      /* a dim has an extent that it may not have */
  TILEC_ERR_STRIDE = 6,      /* the strides are not those the kernel takes */
  TILEC_ERR_ALIGNMENT = 7,   /* the data is not aligned to its elements */
  TILEC_ERR_OVERLAP = 8,     /* a written array overlaps another one */
  TILEC_ERR_WORKSPACE = 9,   /* the workspace is too small or misaligned */
  TILEC_ERR_MEMORY = 10,     /* no memory for the temporaries */
  TILEC_ERR_ASSERT = 11,     /* an assert() in the kernel failed */
  TILEC_ERR_DESCRIPTOR = 12, /* the object is of another version of tilec */
  TILEC_ERR_MACHINE = 13     /* the machine lacks instructions */
} TilecStatus;

/* The text of `status`: the full message when it is the latest status that a
 * kernel returned on this thread, and a general sentence otherwise. The string
 * is valid until the next kernel call on this thread. */
const char *tilec_status_text(int32_t status);

/* Makes `message` the text of `status` on this thread; returns `status`. */
int32_t tilec_fail(int32_t status, const char *message);

/*===----------------------------------------------------------------------===
 * The descriptor
 *===----------------------------------------------------------------------===*/

/* One flat constant of `size` bytes, aligned to 8, the same bytes at whatever
 * address: this header, and behind it the tables and strings it refers to. An
 * "offset" is counted in bytes from the header's first byte; strings end in
 * NUL. tilec::KernelSignature (KernelSignature.h) writes and reads it. */
typedef struct {
  uint32_t magic;       /* TILEC_DESC_MAGIC, which carries the version */
  uint32_t size;        /* bytes of the whole constant */
  uint32_t name;        /* offset of the kernel's name */
  uint32_t num_params;
  uint32_t params;      /* offset of TilecParamDesc[num_params] */
  uint32_t num_symbols;
  uint32_t symbols;     /* offset of uint32_t[num_symbols], name offsets */
  uint32_t num_steps;
  uint32_t steps;       /* offset of TilecStepDesc[num_steps] */
  uint32_t reserved;    /* 0 */
} TilecKernelDesc;

#define TILEC_DESC_MAGIC 0x31444b54u /* "TKD1" in little-endian order */

/* What a parameter is. Only TILEC_PARAM_ARRAY is never written. */
enum {
  TILEC_PARAM_ARRAY = 0,
  TILEC_PARAM_INOUT = 1,
  TILEC_PARAM_RESULT = 2,
  TILEC_PARAM_SCALAR = 3
};

enum {
  TILEC_FLAG_STRIDED = 1 /* the last stride is free, too */
};

/* One parameter or result, in the order of the C arguments. */
typedef struct {
  uint32_t name; /* offset */
  uint32_t rank; /* 0 for scalars */
  uint8_t kind;  /* TILEC_PARAM_* */
  uint8_t code;  /* TILEC_DL_* */
  uint8_t bits;
  uint8_t flags; /* TILEC_FLAG_* */
} TilecParamDesc;

/* What a step does with the extent of dim `dim` of parameter `param`:
 *   BIND      symbol := (extent - offset) / factor; the division must be
 *             exact and the symbol not negative
 *   CHECK     extent must equal the value of `program`
 *   MULTIPLE  extent must be a multiple of `factor` */
enum { TILEC_STEP_BIND = 0, TILEC_STEP_CHECK = 1, TILEC_STEP_MULTIPLE = 2 };

/* One step. Steps run in order, so a program reads bound symbols only. */
typedef struct {
  int64_t offset;       /* BIND */
  int64_t factor;       /* BIND (not 0), MULTIPLE (positive) */
  uint32_t kind;        /* TILEC_STEP_* */
  uint32_t param;
  uint32_t dim;
  uint32_t symbol;      /* BIND */
  uint32_t program;     /* CHECK: offset of int64_t[program_size] */
  uint32_t program_size;
  uint32_t text;        /* offset of the dim as the source spells it */
  uint32_t reserved;    /* 0 */
} TilecStepDesc;

/* Programs are postfix, one int64_t a word; CONST and SYMBOL take the word
 * that follows as operand. At most TILEC_MAX_PROGRAM_STACK values are live. A
 * division must be exact. */
enum {
  TILEC_OP_CONST = 0,
  TILEC_OP_SYMBOL = 1,
  TILEC_OP_ADD = 2,
  TILEC_OP_SUB = 3,
  TILEC_OP_MUL = 4,
  TILEC_OP_DIV = 5
};
#define TILEC_MAX_PROGRAM_STACK 32
#define TILEC_MAX_RANK 32
#define TILEC_MAX_SYMBOLS 128

/*===----------------------------------------------------------------------===
 * Support functions that compiled kernels call
 *===----------------------------------------------------------------------===*/

/* Checks the arguments of a call. `args[p]` is the DLTensor * of array
 * parameter p; entries of scalars are not read. On success returns TILEC_OK
 * and fills `out`: for each array parameter in order the address of its first
 * element, its extents, its strides in elements (where an extent is 0 or 1,
 * the stride is the compact one); after them the values of all symbols. That
 * makes sum(1 + 2 * rank) + num_symbols words. On failure returns a status
 * whose text names the array, and `out` is unspecified. Array memory is never
 * touched.
 *
 * Checked: NULL, device, dtype, lanes, rank, extents (each in 0..2^31-1, and
 * against the steps), the last stride (1 unless the parameter is strided or
 * the extent is below 2), that addresses do not overflow, alignment to the
 * element size, and that a written array overlaps neither itself nor another
 * array. The overlap test is conservative: it accepts arrays whose address
 * ranges are disjoint, and interleaved ones whose ranges are disjoint modulo
 * one of their strides (column blocks of one matrix, even and odd elements);
 * other interleavings are rejected. */
int32_t tilec_check_args(const TilecKernelDesc *desc, void *const *args,
                         int64_t *out);

/* Allocates `size` bytes for a workspace, aligned to TILEC_WORKSPACE_ALIGNMENT
 * (NULL for size 0 or without memory: compare the size first), and frees
 * them. Up to four blocks of at most 128 MiB each are kept for the next calls;
 * tilec_workspace_trim gives them back to the system. */
#define TILEC_WORKSPACE_ALIGNMENT 64
void *tilec_workspace_alloc(int64_t size);
void tilec_workspace_free(void *workspace);
void tilec_workspace_trim(void);

/* TILEC_OK if `workspace` of `size` bytes serves a call that needs `needed`,
 * TILEC_ERR_WORKSPACE with its text otherwise. */
int32_t tilec_check_workspace(const TilecKernelDesc *desc,
                              const void *workspace, int64_t size,
                              int64_t needed);

/* Runs `body` over the iterations [0, n), cut into ranges [begin, end) that are
 * handed out to at most tilec_max_workers() workers, and returns when all have
 * ended. `worker` is in [0, tilec_max_workers()) and no two bodies that run at
 * one time have the same. With `in_order`, ranges are handed out in ascending
 * order. Otherwise each worker begins with a part of its own: neighbours are
 * one worker's, and the same one's in the next call. An iteration may spin
 * until earlier ones have made progress in either case, but it may spin for
 * long without `in_order`. Not to be called from a body. */
void tilec_parallel_for(int64_t n,
                        void (*body)(void *ctx, int64_t begin, int64_t end,
                                     int32_t worker),
                        void *ctx, int32_t in_order);

/* Upper bound of workers of tilec_parallel_for for this call; at least 1, the
 * same throughout a kernel call. */
int32_t tilec_max_workers(void);

/* Makes the steps of a grid smaller, so that its iterations occupy `workers`
 * and end together. Dim d covers `extents[d]` in steps of at most `steps[d]`,
 * which become multiples of `multiples[d]`; where that is 0 the step stays. An
 * iteration is taken to cost the product over the dims of step + `overheads[d]`,
 * with the extent in place of a larger step, and the grid as much as the worker
 * with the most iterations. Nothing changes where an extent or a step is not
 * positive, or for more than 4 dims. */
void tilec_balance_grid(int32_t rank, int64_t workers, const int64_t *extents,
                        const int64_t *multiples, const int64_t *overheads,
                        int64_t *steps);

/* A contraction that each iteration of a grid walks along, and that several may
 * share: each sums a part of it, and the last one to end adds the sums. */
typedef struct {
  int64_t length;     /* in terms */
  int64_t step;       /* terms that stay together, positive */
  int64_t sum_cost;   /* of one element of a part's sums, in terms */
  int64_t start_cost; /* of a part, in terms of one element */
} TilecContraction;

/* The same for iterations that take `contraction->length` times as long: they
 * may be cut into parts of whole steps, too. A part costs the iteration's cost
 * times its terms, and `start_cost`; the parts of a tile cost `sum_cost` for
 * each of their elements. Returns how many parts each has: at least 1, at most
 * as many as there are steps, and 1 where parts do not clearly pay. All
 * iterations together have at most four parts a worker. The answer depends on
 * the arguments alone. */
int64_t tilec_split_grid(int32_t rank, int64_t workers, const int64_t *extents,
                         const int64_t *multiples, const int64_t *overheads,
                         int64_t *steps, const TilecContraction *contraction);

/* An element type as one number, for the functions below. */
#define TILEC_DTYPE(code, bits) ((int32_t)(code) * 256 + (int32_t)(bits))

/* A value to print: `data` points to compact row-major elements. */
typedef struct {
  const void *data;
  const int64_t *extents; /* rank of them; may be NULL for rank 0 */
  int32_t dtype;          /* TILEC_DTYPE(code, bits) */
  int32_t rank;
} TilecPrintValue;

/* Writes `format` and a newline to stdout in one piece; each `{}` is replaced
 * by the next value, formatted as NumPy would print it, `{{` and `}}` are
 * braces. Placeholders beyond num_values stay as they are. */
void tilec_print(const char *format, int32_t num_values,
                 const TilecPrintValue *values);

/* What goes wrong inside a running kernel: one per call, on the stack of the
 * entry point, zeroed at its start, shared by its workers. */
typedef struct {
  int32_t status; /* atomic */
  int32_t line;
  int32_t column;
  int32_t reserved;
  const char *message; /* constant strings */
  const char *file;
} TilecCallState;

/* What a machine can execute, each level all that is below it: those of the
 * System V ABI for x86-64, and what code for Zen 4 and for Sapphire Rapids needs
 * (MachineFeatures.def). */
enum {
  TILEC_MACHINE_OTHER = 0,
  TILEC_MACHINE_X86_64_V3 = 3,
  TILEC_MACHINE_X86_64_V4 = 4,
  TILEC_MACHINE_ZNVER4 = 5,
  TILEC_MACHINE_SAPPHIRERAPIDS = 6
};

/* The level of this machine, system included: registers must be kept, and the
 * use of AMX permitted. */
int32_t tilec_machine_level(void);

/* Asks the system once for the use of matrix registers (AMX) by this process:
 * without its permission their first use ends the process. All threads have it
 * then. TILEC_OK, or TILEC_ERR_MACHINE with its text. */
int32_t tilec_permit_matrices(void);

/* Bytes of the data cache of a level that a core of this machine uses, level 0
 * being the last one; 0 where the processor does not tell. */
int64_t tilec_cache_bytes(int32_t level);

/* Bytes of the last cache, the same in all of a process, and never less than
 * TILEC_LEAST_LAST_CACHE. An array that is larger is not expected to stay in
 * any cache. */
#define TILEC_LEAST_LAST_CACHE ((int64_t)4 << 20)
int64_t tilec_last_cache_bytes(void);

/* A failing assert: the first one of a call wins. Execution goes on; the entry
 * point reports it at its end. */
void tilec_assert_fail(TilecCallState *state, const char *message,
                       const char *file, int32_t line, int32_t column);

/* The status of the call whose state this is; sets its text. The last thing
 * an entry point does: `return tilec_call_status(&state);`. */
int32_t tilec_call_status(const TilecCallState *state);

/* Sorts keys[0..n) ascending into `values`; stable; NaN is largest and -0
 * equals 0. indices[i] receives the position of values[i] among the keys, which
 * are not changed. `scratch` has 16 * n bytes and is aligned to 8. */
void tilec_sort(const void *keys, void *values, int32_t *indices, void *scratch,
                int64_t n, int32_t dtype);

/* The k <= n largest of keys[0..n), largest first, ties by lowest index, NaN
 * largest, with their positions. `keys` is not changed. */
void tilec_topk(const void *keys, void *values, int32_t *indices, int64_t n,
                int64_t k, int32_t dtype);

/*===----------------------------------------------------------------------===
 * Threads
 *===----------------------------------------------------------------------===*/

/* Objects run their grids on the calling thread unless the program links
 * libtilec_rt, which defines these two on oneTBB (the current task arena
 * bounds the workers); the functions above find them as weak references. The
 * JIT always uses them. */
void tilec_rt_parallel_for(int64_t n,
                           void (*body)(void *ctx, int64_t begin, int64_t end,
                                        int32_t worker),
                           void *ctx, int32_t in_order);
int32_t tilec_rt_max_workers(void);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* TILEC_RUNTIME_KERNELABI_H */
