/*===- DLPack.h - The DLPack structures that the kernel ABI uses ---*- C -*-===
 * Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The binary layout of a DLPack tensor, as far as kernels read it. A program
 * that also includes <dlpack/dlpack.h> includes that header first; this one
 * then declares nothing, since the two describe the same structures.
 *===----------------------------------------------------------------------===*/
#ifndef TILEC_RUNTIME_DLPACK_H
#define TILEC_RUNTIME_DLPACK_H

#include <stdint.h>

#if !defined(DLPACK_DLPACK_H_) && !defined(TILEC_DLTENSOR_DEFINED)
#define TILEC_DLTENSOR_DEFINED

/* Where an array lives. device_type 1 is the CPU's ordinary memory. */
typedef struct {
  int32_t device_type;
  int32_t device_id;
} DLDevice;

/* The type of an element: a code (TILEC_DL_*), its bits, and vector lanes,
 * which are 1 for every array that a kernel takes. */
typedef struct {
  uint8_t code;
  uint8_t bits;
  uint16_t lanes;
} DLDataType;

/* A strided array. The first element is at (char *)data + byte_offset; strides
 * count elements, and NULL strides mean compact row-major order. */
typedef struct {
  void *data;
  DLDevice device;
  int32_t ndim;
  DLDataType dtype;
  int64_t *shape;
  int64_t *strides;
  uint64_t byte_offset;
} DLTensor;

/* DLPack's names of the values of device_type and code that kernels know. */
enum {
  kDLCPU = 1,

  kDLInt = 0,
  kDLUInt = 1,
  kDLFloat = 2,
  kDLBfloat = 4,
  kDLBool = 6,
  kDLFloat8_e4m3fn = 10,
  kDLFloat8_e5m2 = 12
};

#endif

/* The same under names of ours, since older headers of DLPack lack some. */
enum {
  TILEC_DL_CPU = 1,

  TILEC_DL_INT = 0,
  TILEC_DL_UINT = 1,
  TILEC_DL_FLOAT = 2,
  TILEC_DL_BFLOAT = 4,
  TILEC_DL_BOOL = 6,
  TILEC_DL_FLOAT8_E4M3FN = 10,
  TILEC_DL_FLOAT8_E5M2 = 12
};

#endif /* TILEC_RUNTIME_DLPACK_H */
