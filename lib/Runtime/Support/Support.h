/*===- Support.h - Shared by the support functions of kernels ----*- C -*-===
 * Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The support functions exist twice: compiled into this library, where the JIT
 * finds them, and as bitcode that is linked into every compiled object, so that
 * objects need libc and libm only.
 *===----------------------------------------------------------------------===*/
#ifndef TILEC_LIB_RUNTIME_SUPPORT_SUPPORT_H
#define TILEC_LIB_RUNTIME_SUPPORT_SUPPORT_H

#include "tilec/Runtime/KernelABI.h"

/* Weak, so that several objects that each carry a copy link together. */
#define TILEC_SUPPORT __attribute__((weak))

/* printf into the message of this thread; returns `status`. */
__attribute__((format(printf, 2, 3))) int32_t
tilec_fail_format(int32_t status, const char *format, ...);

/* Decodes element `index` of a float array of one of the DLPack float types. */
double tilec_load_float(const void *data, int64_t index, int32_t dtype);

/* Whether `dtype` is one of the float types. */
int tilec_is_float(int32_t dtype);

#endif /* TILEC_LIB_RUNTIME_SUPPORT_SUPPORT_H */
