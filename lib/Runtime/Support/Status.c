/*===- Status.c - Status texts, asserts and workspaces -----------*- C -*-===
 * Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The message of the latest failure on each thread, the state of a running
 * call, and the memory of its temporaries. See tilec/Runtime/KernelABI.h.
 *===----------------------------------------------------------------------===*/
#include "Support.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Weak like the functions: all objects of a program share one per thread. */
typedef struct {
  int32_t status;
  char text[508];
} LastFailure;
TILEC_SUPPORT _Thread_local LastFailure tilec_last_failure;

TILEC_SUPPORT int32_t tilec_fail_format(int32_t status, const char *format,
                                        ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(tilec_last_failure.text, sizeof tilec_last_failure.text, format,
            args);
  va_end(args);
  tilec_last_failure.status = status;
  return status;
}

TILEC_SUPPORT int32_t tilec_fail(int32_t status, const char *message) {
  return tilec_fail_format(status, "%s", message);
}

TILEC_SUPPORT const char *tilec_status_text(int32_t status) {
  if (status < 0)
    status = -status; /* workspace sizes carry the status negated */
  if (status != TILEC_OK && tilec_last_failure.status == status)
    return tilec_last_failure.text;
  switch (status) {
  case TILEC_OK:
    return "success";
  case TILEC_ERR_NULL:
    return "an argument is NULL";
  case TILEC_ERR_DEVICE:
    return "an array is not in CPU memory";
  case TILEC_ERR_DTYPE:
    return "an array has the wrong element type";
  case TILEC_ERR_RANK:
    return "an array has the wrong number of dims";
  case TILEC_ERR_EXTENT:
    return "a dim of an array has the wrong extent";
  case TILEC_ERR_STRIDE:
    return "an array has strides that the kernel does not take";
  case TILEC_ERR_ALIGNMENT:
    return "an array is not aligned to its elements";
  case TILEC_ERR_OVERLAP:
    return "arrays overlap";
  case TILEC_ERR_WORKSPACE:
    return "the workspace is too small or misaligned";
  case TILEC_ERR_MEMORY:
    return "no memory for the temporaries";
  case TILEC_ERR_ASSERT:
    return "an assert in the kernel failed";
  case TILEC_ERR_DESCRIPTOR:
    return "the kernel was compiled by another version of tilec";
  case TILEC_ERR_MACHINE:
    return "this machine lacks instructions that the kernel needs";
  default:
    return "unknown status";
  }
}

TILEC_SUPPORT void tilec_assert_fail(TilecCallState *state, const char *message,
                                     const char *file, int32_t line,
                                     int32_t column) {
  int32_t expected = 0;
  if (!__atomic_compare_exchange_n(&state->status, &expected, TILEC_ERR_ASSERT,
                                   0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
    return;
  state->message = message;
  state->file = file;
  state->line = line;
  state->column = column;
}

TILEC_SUPPORT int32_t tilec_call_status(const TilecCallState *state) {
  int32_t status = __atomic_load_n(&state->status, __ATOMIC_ACQUIRE);
  if (status == TILEC_OK)
    return TILEC_OK;
  return tilec_fail_format(status, "%s:%d:%d: assertion failed: %s",
                           state->file ? state->file : "<unknown>",
                           (int)state->line, (int)state->column,
                           state->message ? state->message : "");
}

TILEC_SUPPORT int32_t tilec_check_workspace(const TilecKernelDesc *desc,
                                            const void *workspace,
                                            int64_t size, int64_t needed) {
  const char *name = (const char *)desc + desc->name;
  if (needed <= 0)
    return TILEC_OK;
  if (!workspace || size < needed)
    return tilec_fail_format(
        TILEC_ERR_WORKSPACE,
        "kernel '%s': the workspace has %lld bytes, this call needs %lld", name,
        workspace ? (long long)size : 0, (long long)needed);
  if ((uintptr_t)workspace % TILEC_WORKSPACE_ALIGNMENT != 0)
    return tilec_fail_format(
        TILEC_ERR_WORKSPACE,
        "kernel '%s': the workspace is not aligned to %d bytes", name,
        TILEC_WORKSPACE_ALIGNMENT);
  return TILEC_OK;
}
