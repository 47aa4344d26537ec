/*===- CallChecks.c - The checks that every kernel call begins with -*- C -*-===
 * Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * tilec_check_args: reads DLTensor structures, never array memory. See
 * tilec/Runtime/KernelABI.h for what is checked.
 *===----------------------------------------------------------------------===*/
#include "Support.h"

#include <stdio.h>

/* The bytes an array can touch: [begin, end), empty when begin == end. */
typedef struct {
  int64_t begin, end;
} Span;

typedef struct {
  const TilecKernelDesc *desc;
  const TilecParamDesc *params;
  int64_t *out; /* per array: address, extents, strides */
} Call;

static const char *text(const TilecKernelDesc *desc, uint32_t offset) {
  return (const char *)desc + offset;
}

/* The words of array `param` in the call's output. */
static int64_t *words(const Call *call, uint32_t param) {
  int64_t *result = call->out;
  for (uint32_t p = 0; p < param; ++p)
    if (call->params[p].kind != TILEC_PARAM_SCALAR)
      result += 1 + 2 * (int64_t)call->params[p].rank;
  return result;
}

static const char *typeName(unsigned code, unsigned bits, char *buffer,
                            size_t size) {
  switch (code) {
  case TILEC_DL_BOOL:
    if (bits == 8)
      return "bool";
    break;
  case TILEC_DL_BFLOAT:
    if (bits == 16)
      return "bf16";
    break;
  case TILEC_DL_FLOAT8_E4M3FN:
    return "f8e4m3";
  case TILEC_DL_FLOAT8_E5M2:
    return "f8e5m2";
  case TILEC_DL_INT:
  case TILEC_DL_UINT:
  case TILEC_DL_FLOAT:
    snprintf(buffer, size, "%c%u",
             code == TILEC_DL_INT    ? 'i'
             : code == TILEC_DL_UINT ? 'u'
                                     : 'f',
             bits);
    return buffer;
  }
  snprintf(buffer, size, "DLPack type code %u with %u bits", code, bits);
  return buffer;
}

/* Evaluates a postfix program. 0 on overflow or an inexact division. */
static int evaluate(const int64_t *program, uint32_t size,
                    const int64_t *symbols, int64_t *result) {
  int64_t stack[TILEC_MAX_PROGRAM_STACK];
  uint32_t depth = 0;
  for (uint32_t pc = 0; pc < size; ++pc) {
    int64_t op = program[pc];
    if (op == TILEC_OP_CONST || op == TILEC_OP_SYMBOL) {
      if (pc + 1 >= size || depth == TILEC_MAX_PROGRAM_STACK)
        return 0;
      int64_t operand = program[++pc];
      stack[depth++] = op == TILEC_OP_CONST ? operand : symbols[operand];
      continue;
    }
    if (depth < 2)
      return 0;
    int64_t right = stack[--depth], left = stack[depth - 1], value;
    switch (op) {
    case TILEC_OP_ADD:
      if (__builtin_add_overflow(left, right, &value))
        return 0;
      break;
    case TILEC_OP_SUB:
      if (__builtin_sub_overflow(left, right, &value))
        return 0;
      break;
    case TILEC_OP_MUL:
      if (__builtin_mul_overflow(left, right, &value))
        return 0;
      break;
    case TILEC_OP_DIV:
      if (right == 0 || (right == -1 && left == INT64_MIN) || left % right != 0)
        return 0;
      value = left / right;
      break;
    default:
      return 0;
    }
    stack[depth - 1] = value;
  }
  if (depth != 1)
    return 0;
  *result = stack[0];
  return 1;
}

/* Device, type, rank and extents of one array; fills its words. */
static int32_t checkArray(const Call *call, uint32_t p, const DLTensor *tensor,
                          int64_t *array) {
  const TilecParamDesc *param = &call->params[p];
  const char *name = text(call->desc, param->name);
  if (!tensor)
    return tilec_fail_format(TILEC_ERR_NULL, "array '%s': the tensor is NULL",
                             name);
  if (tensor->device.device_type != TILEC_DL_CPU)
    return tilec_fail_format(
        TILEC_ERR_DEVICE,
        "array '%s': expected CPU memory (DLPack device 1), got device %d",
        name, (int)tensor->device.device_type);
  if (tensor->dtype.code != param->code || tensor->dtype.bits != param->bits ||
      tensor->dtype.lanes != 1) {
    char expected[48], got[48];
    if (tensor->dtype.lanes != 1)
      return tilec_fail_format(TILEC_ERR_DTYPE,
                               "array '%s': expected elements of 1 lane, got %u lanes", name,
                               (unsigned)tensor->dtype.lanes);
    return tilec_fail_format(
        TILEC_ERR_DTYPE, "array '%s': expected %s, got %s", name,
        typeName(param->code, param->bits, expected, sizeof expected),
        typeName(tensor->dtype.code, tensor->dtype.bits, got, sizeof got));
  }
  if (tensor->ndim < 0 || (uint32_t)tensor->ndim != param->rank)
    return tilec_fail_format(TILEC_ERR_RANK,
                             "array '%s': expected rank %u, got %d", name,
                             (unsigned)param->rank, (int)tensor->ndim);
  if (param->rank > 0 && !tensor->shape)
    return tilec_fail_format(TILEC_ERR_NULL, "array '%s': the shape is NULL",
                             name);

  int empty = 0;
  int64_t *extents = array + 1;
  for (uint32_t d = 0; d < param->rank; ++d) {
    extents[d] = tensor->shape[d];
    if (extents[d] < 0 || extents[d] > INT32_MAX)
      return tilec_fail_format(
          TILEC_ERR_EXTENT,
          "array '%s', dim %u: the extent %lld is outside 0 .. 2147483647",
          name, (unsigned)d, (long long)extents[d]);
    empty |= extents[d] == 0;
  }
  if (!tensor->data && !empty)
    return tilec_fail_format(TILEC_ERR_NULL, "array '%s': the data is NULL",
                             name);
  array[0] = (int64_t)((uintptr_t)tensor->data + tensor->byte_offset);
  if (!empty && (uint64_t)array[0] % (param->bits / 8) != 0)
    return tilec_fail_format(
        TILEC_ERR_ALIGNMENT,
        "array '%s': the data is not aligned to its elements of %u bytes", name,
        (unsigned)(param->bits / 8));
  return TILEC_OK;
}

/* Strides of one array: those of the tensor, or the compact ones. Without
 * elements there is nothing to address, and the tensor's may be anything. */
static int32_t checkStrides(const Call *call, uint32_t p,
                            const DLTensor *tensor, int64_t *array) {
  const TilecParamDesc *param = &call->params[p];
  const char *name = text(call->desc, param->name);
  const int64_t *extents = array + 1;
  int64_t *strides = array + 1 + param->rank;
  int64_t compact = 1;
  int given = tensor->strides != NULL;
  for (uint32_t d = 0; d < param->rank; ++d)
    given &= extents[d] != 0;
  for (uint32_t d = param->rank; d-- > 0;) {
    strides[d] = given && extents[d] > 1 ? tensor->strides[d] : compact;
    if (d + 1 == param->rank && strides[d] != 1 &&
        !(param->flags & TILEC_FLAG_STRIDED))
      return tilec_fail_format(
          TILEC_ERR_STRIDE,
          "array '%s', dim %u: expected stride 1 in the last dim, got %lld",
          name, (unsigned)d, (long long)strides[d]);
    /* An empty array of huge other extents has no elements to address. */
    if (__builtin_mul_overflow(compact, extents[d] > 0 ? extents[d] : 1,
                               &compact))
      compact = INT64_MAX;
  }
  return TILEC_OK;
}

/* The bytes that the dims of `array` with |stride| % modulus != 0 span around
 * its first element; modulus 0 takes all dims. 0 on overflow. */
static int spanOf(const Call *call, uint32_t p, const int64_t *array,
                  int64_t modulus, Span *span) {
  const TilecParamDesc *param = &call->params[p];
  const int64_t *extents = array + 1, *strides = array + 1 + param->rank;
  int64_t size = param->bits / 8;
  span->begin = 0;
  span->end = size;
  for (uint32_t d = 0; d < param->rank; ++d)
    if (extents[d] == 0) {
      span->begin = span->end = 0;
      return 1;
    }
  for (uint32_t d = 0; d < param->rank; ++d) {
    int64_t reach, bytes;
    if (extents[d] == 1)
      continue;
    if (__builtin_mul_overflow(strides[d], size, &bytes))
      return 0;
    if (modulus != 0 && bytes % modulus == 0)
      continue;
    if (__builtin_mul_overflow(bytes, extents[d] - 1, &reach))
      return 0;
    int64_t *side = reach < 0 ? &span->begin : &span->end;
    if (__builtin_add_overflow(*side, reach, side))
      return 0;
  }
  return 1;
}

/* No element of a written array may have two indices. Proven by sorting dims:
 * each stride must pass over everything that the smaller ones span. */
static int isInjective(const TilecParamDesc *param, const int64_t *array) {
  const int64_t *extents = array + 1, *strides = array + 1 + param->rank;
  int64_t covered = 0; /* elements beyond the first, spanned so far */
  int64_t floor = 0;
  for (uint32_t done = 0; done < param->rank; ++done) {
    /* The dim with the smallest |stride| above `floor` is next. */
    int64_t best = INT64_MAX;
    uint32_t dim = param->rank;
    for (uint32_t d = 0; d < param->rank; ++d) {
      int64_t stride = strides[d] < 0 ? -strides[d] : strides[d];
      if (extents[d] == 0)
        return 1;
      if (extents[d] > 1 && stride <= floor && done == 0)
        return 0;
      if (extents[d] > 1 && stride > floor && stride < best) {
        best = stride;
        dim = d;
      }
    }
    if (dim == param->rank)
      break;
    if (best <= covered)
      return 0;
    covered += best * (extents[dim] - 1);
    floor = best;
    /* Two dims of one stride cannot both be passed over. */
    for (uint32_t d = 0; d < param->rank; ++d)
      if (d != dim && extents[d] > 1 &&
          (strides[d] == best || strides[d] == -best))
        return 0;
  }
  return 1;
}

static int64_t modulo(int64_t value, int64_t modulus) {
  int64_t result = value % modulus;
  return result < 0 ? result + modulus : result;
}

/* Whether the elements of a and b, taken modulo `modulus` bytes, are in
 * disjoint arcs: then no byte is shared, whatever the other dims do. */
static int disjointModulo(const Call *call, uint32_t a, const int64_t *arrayA,
                          uint32_t b, const int64_t *arrayB, int64_t modulus) {
  Span sa, sb;
  if (modulus <= 1 || !spanOf(call, a, arrayA, modulus, &sa) ||
      !spanOf(call, b, arrayB, modulus, &sb))
    return 0;
  int64_t lengthA = sa.end - sa.begin, lengthB = sb.end - sb.begin;
  if (lengthA >= modulus || lengthB >= modulus)
    return 0;
  int64_t startA = modulo(modulo(arrayA[0], modulus) + sa.begin, modulus);
  int64_t startB = modulo(modulo(arrayB[0], modulus) + sb.begin, modulus);
  return modulo(startB - startA, modulus) >= lengthA &&
         modulo(startA - startB, modulus) >= lengthB;
}

static int overlap(const Call *call, uint32_t a, const int64_t *arrayA,
                   uint32_t b, const int64_t *arrayB) {
  Span sa, sb;
  spanOf(call, a, arrayA, 0, &sa); /* checkRange has excluded overflow */
  spanOf(call, b, arrayB, 0, &sb);
  if (sa.begin == sa.end || sb.begin == sb.end ||
      arrayA[0] + sa.end <= arrayB[0] + sb.begin ||
      arrayB[0] + sb.end <= arrayA[0] + sa.begin)
    return 0;
  /* Interleaved views share a stride: try each as a modulus. */
  for (int side = 0; side < 2; ++side) {
    uint32_t p = side ? b : a;
    const TilecParamDesc *param = &call->params[p];
    const int64_t *array = side ? arrayB : arrayA;
    for (uint32_t d = 0; d < param->rank; ++d) {
      int64_t stride = array[1 + param->rank + d] * (param->bits / 8);
      if (array[1 + d] > 1 &&
          disjointModulo(call, a, arrayA, b, arrayB,
                         stride < 0 ? -stride : stride))
        return 0;
    }
  }
  return 1;
}

/* The whole array must be addressable, and injective if it is written. */
static int32_t checkRange(const Call *call, uint32_t p, const int64_t *array) {
  const TilecParamDesc *param = &call->params[p];
  const char *name = text(call->desc, param->name);
  Span span;
  int64_t sum;
  /* Addresses of a process are positive as int64_t. */
  if (!spanOf(call, p, array, 0, &span) ||
      (span.begin != span.end &&
       (array[0] < 0 || __builtin_add_overflow(array[0], span.begin, &sum) ||
        sum < 0 || __builtin_add_overflow(array[0], span.end, &sum))))
    return tilec_fail_format(
        TILEC_ERR_STRIDE,
        "array '%s': extents and strides reach outside the address space",
        name);
  if (param->kind != TILEC_PARAM_ARRAY && !isInjective(param, array))
    return tilec_fail_format(
        TILEC_ERR_OVERLAP,
        "array '%s' is written, but its strides let elements overlap", name);
  return TILEC_OK;
}

static int32_t checkOverlaps(const Call *call) {
  const int64_t *arrayA = call->out;
  for (uint32_t a = 0; a < call->desc->num_params; ++a) {
    const TilecParamDesc *pa = &call->params[a];
    if (pa->kind == TILEC_PARAM_SCALAR)
      continue;
    const int64_t *arrayB = arrayA + 1 + 2 * (int64_t)pa->rank;
    for (uint32_t b = a + 1; b < call->desc->num_params; ++b) {
      const TilecParamDesc *pb = &call->params[b];
      if (pb->kind == TILEC_PARAM_SCALAR)
        continue;
      if ((pa->kind != TILEC_PARAM_ARRAY || pb->kind != TILEC_PARAM_ARRAY) &&
          overlap(call, a, arrayA, b, arrayB)) {
        int first = pa->kind != TILEC_PARAM_ARRAY;
        return tilec_fail_format(
            TILEC_ERR_OVERLAP,
            "arrays '%s' and '%s' overlap, and '%s' is written",
            text(call->desc, pa->name), text(call->desc, pb->name),
            text(call->desc, first ? pa->name : pb->name));
      }
      arrayB += 1 + 2 * (int64_t)pb->rank;
    }
    arrayA += 1 + 2 * (int64_t)pa->rank;
  }
  return TILEC_OK;
}

/* One step on the extent it names; see TilecStepDesc. */
static int32_t runStep(const Call *call, const TilecStepDesc *step,
                       int64_t *symbols) {
  const TilecParamDesc *param = &call->params[step->param];
  const char *name = text(call->desc, param->name);
  const char *source = text(call->desc, step->text);
  int64_t extent = words(call, step->param)[1 + step->dim];
  unsigned dim = step->dim;

  if (step->kind == TILEC_STEP_BIND) {
    int64_t rest = extent - step->offset;
    if (rest % step->factor != 0 || rest / step->factor < 0)
      return tilec_fail_format(
          TILEC_ERR_EXTENT,
          "array '%s', dim %u (%s): no value of '%s' gives the extent %lld",
          name, dim, source,
          text(call->desc, ((const uint32_t *)text(
                               call->desc, call->desc->symbols))[step->symbol]),
          (long long)extent);
    symbols[step->symbol] = rest / step->factor;
    return TILEC_OK;
  }
  if (step->kind == TILEC_STEP_MULTIPLE) {
    if (extent % step->factor != 0)
      return tilec_fail_format(
          TILEC_ERR_EXTENT,
          "array '%s', dim %u (%s): expected a multiple of %lld, got %lld",
          name, dim, source, (long long)step->factor, (long long)extent);
    return TILEC_OK;
  }
  int64_t expected;
  if (!evaluate((const int64_t *)text(call->desc, step->program),
                step->program_size, symbols, &expected))
    return tilec_fail_format(
        TILEC_ERR_EXTENT,
        "array '%s', dim %u (%s): the expression has no integer value for the "
        "extents of this call",
        name, dim, source);
  if (extent != expected)
    return tilec_fail_format(
        TILEC_ERR_EXTENT, "array '%s', dim %u (%s): expected %lld, got %lld",
        name, dim, source, (long long)expected, (long long)extent);
  return TILEC_OK;
}

TILEC_SUPPORT int32_t tilec_check_args(const TilecKernelDesc *desc,
                                       void *const *args, int64_t *out) {
  if (desc->magic != TILEC_DESC_MAGIC)
    return tilec_fail(TILEC_ERR_DESCRIPTOR,
                      "the kernel was compiled by another version of tilec");
  Call call = {desc, (const TilecParamDesc *)text(desc, desc->params), out};
  int64_t *array = out;
  for (uint32_t p = 0; p < desc->num_params; ++p) {
    const DLTensor *tensor = (const DLTensor *)args[p];
    if (call.params[p].kind == TILEC_PARAM_SCALAR)
      continue;
    int32_t status = checkArray(&call, p, tensor, array);
    if (status != TILEC_OK)
      return status;
    array += 1 + 2 * (int64_t)call.params[p].rank;
  }
  /* Extents before strides: a wrong shape is what a user wants to hear of. */
  int64_t *symbols = array;
  for (uint32_t s = 0; s < desc->num_symbols; ++s)
    symbols[s] = 0; /* those that the kernel is specialised for stay so */
  const TilecStepDesc *steps = (const TilecStepDesc *)text(desc, desc->steps);
  for (uint32_t s = 0; s < desc->num_steps; ++s) {
    int32_t status = runStep(&call, &steps[s], symbols);
    if (status != TILEC_OK)
      return status;
  }
  array = out;
  for (uint32_t p = 0; p < desc->num_params; ++p) {
    if (call.params[p].kind == TILEC_PARAM_SCALAR)
      continue;
    int32_t status =
        checkStrides(&call, p, (const DLTensor *)args[p], array);
    if (status == TILEC_OK)
      status = checkRange(&call, p, array);
    if (status != TILEC_OK)
      return status;
    array += 1 + 2 * (int64_t)call.params[p].rank;
  }
  return checkOverlaps(&call);
}
