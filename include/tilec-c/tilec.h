/*===- tilec.h - the compiler's C API -----------------------------*- C -*-===
 * Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Compile the source of kernels and call them with DLPack tensors, from C or
 * from any language that can call C:
 *
 *   char *message = NULL;
 *   TilecProgram *program =
 *       tilec_compile("scale.tile", source, NULL, 0, &message);
 *   TilecKernel *kernel = tilec_find_kernel(program, "scale");
 *   void *args[] = {&x, &factor, &y};
 *   if (tilec_call(kernel, args, 3, 0, &message) != 0)
 *     puts(message);
 *   tilec_free_message(message);
 *   tilec_free_program(program);
 *
 * There is no global state: programs are independent, and any number of threads
 * may compile and call at once. A message that is not NULL is the caller's, who
 * frees it with tilec_free_message.
 *===----------------------------------------------------------------------===*/
#ifndef TILEC_C_TILEC_H
#define TILEC_C_TILEC_H

#include "tilec/Runtime/DLPack.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Compiled kernels. */
typedef struct TilecProgram TilecProgram;
/* One of them; lives as long as its program. */
typedef struct TilecKernel TilecKernel;

/* The version, such as "0.1.0". */
const char *tilec_version(void);

/* Compiles .tile source. `name` is what diagnostics call it, and what imports
 * are relative to. `options` are options of tile-cc as words of its command
 * line, such as "--dim", "D=64" or "--arch=x86-64-v3"; also "--exec=interp",
 * which runs kernels on the interpreter, and "--cache=DIR" (by default
 * $TILEC_CACHE), which keeps machine code for later calls, and "--perf-map" (if
 * $TILEC_PERF_MAP is 1), which names kernels for perf in /tmp/perf-PID.map. Returns NULL on failure. Diagnostics
 * are put into `*message` (warnings also on success; NULL if there are none),
 * unless `message` is NULL. */
TilecProgram *tilec_compile(const char *name, const char *source,
                            const char *const *options, size_t num_options,
                            char **message);
void tilec_free_program(TilecProgram *program);

/* The kernels of a program in the order of the source, and the one of a name
 * (NULL if there is none). */
size_t tilec_num_kernels(const TilecProgram *program);
TilecKernel *tilec_get_kernel(TilecProgram *program, size_t index);
TilecKernel *tilec_find_kernel(TilecProgram *program, const char *name);
const char *tilec_kernel_name(const TilecKernel *kernel);

/* The parameters of a kernel, results included, in the order of its arguments:
 * how many, the name of one, and whether it is an array. */
size_t tilec_num_params(const TilecKernel *kernel);
const char *tilec_param_name(const TilecKernel *kernel, size_t index);
int tilec_param_is_array(const TilecKernel *kernel, size_t index);

/* Calls a kernel. `args` has one pointer for each parameter: the DLTensor of an
 * array, the value of a scalar (bool as uint8_t, f16, bf16 and f8 as the integer
 * with their bits). `num_threads` 0 takes all of the machine. Returns 0, or 1
 * with the reason in `*message`, unless `message` is NULL: an argument that does
 * not fit, found before any array is touched, or a failed assert. */
int tilec_call(TilecKernel *kernel, void *const *args, size_t num_args,
               unsigned num_threads, char **message);

void tilec_free_message(char *message);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* TILEC_C_TILEC_H */
