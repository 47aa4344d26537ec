/*===- Print.c - print() of kernels, in NumPy's format ------------*- C -*-===
 * Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Formats tiles as numpy.array2string does by default: shortest digits that
 * tell elements apart, at most 8 behind the point, columns aligned, lines of 75
 * columns, and only the edges of arrays of more than 1000 elements.
 *===----------------------------------------------------------------------===*/
#include "Support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { kPrecision = 8, kLineWidth = 75, kThreshold = 1000, kEdge = 3 };

/*===----------------------------------------------------------------------===
 * Float formats
 *===----------------------------------------------------------------------===*/

TILEC_SUPPORT int tilec_is_float(int32_t dtype) {
  int code = dtype / 256;
  return code == TILEC_DL_FLOAT || code == TILEC_DL_BFLOAT ||
         code == TILEC_DL_FLOAT8_E4M3FN || code == TILEC_DL_FLOAT8_E5M2;
}

/* Decodes the small formats: sign, `exponentBits`, `mantissaBits`. */
static double decodeSmall(unsigned bits, int exponentBits, int mantissaBits,
                          int hasInfinity) {
  unsigned mantissa = bits & ((1u << mantissaBits) - 1);
  unsigned maxExponent = (1u << exponentBits) - 1;
  unsigned exponent = (bits >> mantissaBits) & maxExponent;
  int bias = (int)(maxExponent / 2);
  double sign = bits >> (exponentBits + mantissaBits) & 1 ? -1.0 : 1.0;
  if (exponent == maxExponent) {
    if (hasInfinity)
      return mantissa ? (double)NAN : sign * (double)INFINITY;
    if (mantissa == (1u << mantissaBits) - 1)
      return (double)NAN;
  }
  if (exponent == 0)
    return sign * ldexp((double)mantissa, 1 - bias - mantissaBits);
  return sign * ldexp((double)(mantissa | 1u << mantissaBits),
                      (int)exponent - bias - mantissaBits);
}

/* Decodes the bits of a float of at most 32 bits. */
static double decodeBits(uint32_t bits, int32_t dtype) {
  switch (dtype) {
  case TILEC_DTYPE(TILEC_DL_FLOAT, 16):
    return decodeSmall(bits, 5, 10, 1);
  case TILEC_DTYPE(TILEC_DL_BFLOAT, 16):
    return decodeSmall(bits, 8, 7, 1);
  case TILEC_DTYPE(TILEC_DL_FLOAT8_E4M3FN, 8):
    return decodeSmall(bits, 4, 3, 0);
  case TILEC_DTYPE(TILEC_DL_FLOAT8_E5M2, 8):
    return decodeSmall(bits, 5, 2, 1);
  default:
    return decodeSmall(bits, 8, 23, 1);
  }
}

/* The bits of an element of at most 32 bits, zero-extended. */
static uint32_t smallBits(const void *data, int64_t index, int bits) {
  if (bits == 8)
    return ((const uint8_t *)data)[index];
  if (bits == 16)
    return ((const uint16_t *)data)[index];
  return ((const uint32_t *)data)[index];
}

TILEC_SUPPORT double tilec_load_float(const void *data, int64_t index,
                                      int32_t dtype) {
  if (dtype % 256 == 64)
    return ((const double *)data)[index];
  return decodeBits(smallBits(data, index, dtype % 256), dtype);
}

/* Writes the fewest significant digits that give the element back, as "%e". */
static void shortestDigits(const TilecPrintValue *value, int64_t index,
                           char *buffer, size_t size) {
  double number = tilec_load_float(value->data, index, value->dtype);
  double low = number, high = number;
  int even = 0;
  if (value->dtype % 256 != 64 && number != 0) {
    /* Halfway to the neighbours; exact in double. A tie is read as the even
     * one. */
    uint32_t bits = smallBits(value->data, index, value->dtype % 256);
    even = bits % 2 == 0;
    double inner = decodeBits(bits - 1, value->dtype);
    double outer = decodeBits(bits + 1, value->dtype);
    if (!isfinite(outer))
      outer = 2 * number - inner;
    low = (number + (inner < outer ? inner : outer)) / 2;
    high = (number + (inner < outer ? outer : inner)) / 2;
  }
  for (int digits = 0; digits < 18; ++digits) {
    snprintf(buffer, size, "%.*e", digits, number);
    double back = strtod(buffer, NULL);
    if (back == number || (low < back && back < high) ||
        (even && (back == low || back == high)))
      return;
  }
}

/* The value of an element's shortest digits: what fixed notation shows of it.
 * Scientific notation fills its digits up with the exact value's. */
static double shortened(const TilecPrintValue *value, int64_t index,
                        int scientific) {
  if (scientific)
    return tilec_load_float(value->data, index, value->dtype);
  char buffer[64];
  shortestDigits(value, index, buffer, sizeof buffer);
  const char *e = strchr(buffer, 'e'), *point = strchr(buffer, '.');
  int mantissa = point ? (int)(e - point) - 1 : 0;
  /* Digits that do not fit are rounded away once, from the exact value. */
  if (mantissa - atoi(e + 1) > kPrecision)
    return tilec_load_float(value->data, index, value->dtype);
  return strtod(buffer, NULL);
}

/*===----------------------------------------------------------------------===
 * Text that grows
 *===----------------------------------------------------------------------===*/

/* On lack of memory the text is dropped: a print must not end a program. */
typedef struct {
  char *data;
  size_t size, capacity;
  size_t lineStart;
} Text;

static void append(Text *text, const char *bytes, size_t size) {
  if (text->size + size > text->capacity) {
    size_t capacity = 2 * (text->size + size) + 256;
    char *data = (char *)realloc(text->data, capacity);
    if (!data)
      return;
    text->data = data;
    text->capacity = capacity;
  }
  memcpy(text->data + text->size, bytes, size);
  text->size += size;
}

static void appendPadding(Text *text, int count) {
  for (int i = 0; i < count; ++i)
    append(text, " ", 1);
}

static void newLine(Text *text, int indent) {
  while (text->size > text->lineStart && text->data[text->size - 1] == ' ')
    --text->size;
  append(text, "\n", 1);
  text->lineStart = text->size;
  appendPadding(text, indent);
}

/*===----------------------------------------------------------------------===
 * Elements
 *===----------------------------------------------------------------------===*/

/* How the elements of one value are written, so that columns align. */
typedef struct {
  int scientific;
  int left;     /* characters before the point (or of the whole element) */
  int right;    /* digits behind the point */
  int exponent; /* digits of a scientific exponent */
} Format;

/* Digits behind the decimal point that `digits` ("d.ddde+xx") needs. */
static int fractionDigits(const char *digits, int scientific) {
  const char *e = strchr(digits, 'e');
  const char *point = strchr(digits, '.');
  int mantissa = point ? (int)(e - point) - 1 : 0;
  int needed = scientific ? mantissa : mantissa - atoi(e + 1);
  return needed < 0 ? 0 : needed;
}

/* Rounds a number to the digits that are shown at most, in `buffer`, and
 * returns how many of them are left without zeros at the end. */
static int roundedDigits(char *buffer, size_t size, double number,
                         int scientific) {
  snprintf(buffer, size, scientific ? "%.*e" : "%.*f", kPrecision, number);
  const char *end = strchr(buffer, '.') + kPrecision;
  int digits = kPrecision;
  while (digits > 0 && *end-- == '0')
    --digits;
  return digits;
}

/* Writes a finite float; returns its length. */
static int writeFloat(char *buffer, size_t size, double number,
                      const Format *format) {
  int length = snprintf(buffer, size, format->scientific ? "%.*e" : "%.*f",
                        format->right, number);
  if (format->right == 0) {
    /* NumPy keeps the point: "3." and "3.e+10". */
    char *e = strchr(buffer, 'e');
    if (!e)
      e = buffer + length;
    memmove(e + 1, e, strlen(e) + 1);
    *e = '.';
    ++length;
  }
  if (format->scientific) {
    /* Exponents are aligned by zeros. */
    char *digits = strchr(buffer, 'e') + 2;
    int missing = format->exponent - (int)strlen(digits);
    if (missing > 0) {
      memmove(digits + missing, digits, strlen(digits) + 1);
      memset(digits, '0', (size_t)missing);
      length += missing;
    }
  }
  return length;
}

/* Writes a float of an array, with the zeros that only align dropped. */
static int writeArrayFloat(char *buffer, size_t size,
                           const TilecPrintValue *value, int64_t index,
                           const Format *format) {
  double number = tilec_load_float(value->data, index, value->dtype);
  if (isnan(number))
    return snprintf(buffer, size, "nan");
  if (isinf(number))
    return snprintf(buffer, size, number < 0 ? "-inf" : "inf");
  int length = writeFloat(buffer, size,
                          shortened(value, index, format->scientific), format);
  if (format->scientific)
    return length;
  while (buffer[length - 1] == '0')
    --length;
  buffer[length] = 0;
  return length;
}

static int writeInteger(char *buffer, size_t size, const TilecPrintValue *value,
                        int64_t index) {
  int bits = value->dtype % 256, code = value->dtype / 256;
  if (code == TILEC_DL_BOOL)
    return snprintf(buffer, size,
                    ((const uint8_t *)value->data)[index] ? "True" : "False");
  uint64_t word = bits == 64 ? ((const uint64_t *)value->data)[index]
                             : smallBits(value->data, index, bits);
  if (code == TILEC_DL_UINT)
    return snprintf(buffer, size, "%llu", (unsigned long long)word);
  uint64_t sign = (uint64_t)1 << (bits - 1);
  return snprintf(buffer, size, "%lld", (long long)((word ^ sign) - sign));
}

/* A lone number, as str() of a NumPy scalar writes it. */
static void appendScalar(Text *text, const TilecPrintValue *value) {
  char buffer[400];
  if (!tilec_is_float(value->dtype)) {
    int length = writeInteger(buffer, sizeof buffer, value, 0);
    append(text, buffer, (size_t)length);
    return;
  }
  double number = tilec_load_float(value->data, 0, value->dtype);
  if (!isfinite(number)) {
    Format none = {0, 0, 0, 0};
    int length = writeArrayFloat(buffer, sizeof buffer, value, 0, &none);
    append(text, buffer, (size_t)length);
    return;
  }
  shortestDigits(value, 0, buffer, sizeof buffer);
  int exponent = atoi(strchr(buffer, 'e') + 1);
  int bits = value->dtype % 256;
  int largest = bits == 64 ? 16 : bits == 32 ? 6 : 3;
  /* The value decides, not its digits: 1e-4f is a little less than 1e-4. */
  if ((number == 0 || fabs(number) >= 1e-4) && exponent < largest) {
    char *e = strchr(buffer, 'e'), *point = strchr(buffer, '.');
    int fraction = (point ? (int)(e - point) - 1 : 0) - exponent;
    double rounded = strtod(buffer, NULL);
    snprintf(buffer, sizeof buffer, "%.*f", fraction < 1 ? 1 : fraction,
             rounded);
  }
  append(text, buffer, strlen(buffer));
}

/*===----------------------------------------------------------------------===
 * Arrays
 *===----------------------------------------------------------------------===*/

/* Walks the elements that are shown; `visit` sees their positions. */
typedef struct {
  const TilecPrintValue *value;
  int summarize;
  Format format;
  double least, largest; /* magnitudes of finite, nonzero elements */
  int negative;
  int width;
} Walk;

static void measureRange(Walk *walk, int64_t index) {
  double number =
      tilec_load_float(walk->value->data, index, walk->value->dtype);
  if (!isfinite(number) || number == 0)
    return;
  double magnitude = fabs(number);
  if (magnitude < walk->least)
    walk->least = magnitude;
  if (magnitude > walk->largest)
    walk->largest = magnitude;
}

static void measureDigits(Walk *walk, int64_t index) {
  double number =
      tilec_load_float(walk->value->data, index, walk->value->dtype);
  if (!isfinite(number))
    return;
  char buffer[64];
  shortestDigits(walk->value, index, buffer, sizeof buffer);
  int digits = fractionDigits(buffer, walk->format.scientific);
  if (digits > kPrecision)
    digits = roundedDigits(buffer, sizeof buffer, number,
                           walk->format.scientific);
  if (digits > walk->format.right)
    walk->format.right = digits;
  const char *e = strchr(buffer, 'e');
  int exponent = e ? (int)strlen(e + 2) : 0;
  if (exponent > walk->format.exponent)
    walk->format.exponent = exponent;
}

static void measureWidth(Walk *walk, int64_t index) {
  char buffer[400];
  int length;
  if (tilec_is_float(walk->value->dtype)) {
    double number =
        tilec_load_float(walk->value->data, index, walk->value->dtype);
    length =
        isfinite(number)
            ? writeFloat(buffer, sizeof buffer,
                         shortened(walk->value, index, walk->format.scientific),
                         &walk->format)
            : writeArrayFloat(buffer, sizeof buffer, walk->value, index,
                              &walk->format);
  } else {
    length = writeInteger(buffer, sizeof buffer, walk->value, index);
  }
  if (walk->value->dtype / 256 == TILEC_DL_BOOL)
    length = 5; /* the width of "False" */
  if (length > walk->width)
    walk->width = length;
}

static void forEach(Walk *walk, int32_t dim, int64_t base,
                    void (*visit)(Walk *, int64_t)) {
  if (dim == walk->value->rank) {
    visit(walk, base);
    return;
  }
  int64_t extent = walk->value->extents[dim];
  for (int64_t i = 0; i < extent; ++i) {
    if (walk->summarize && extent > 2 * kEdge && i == kEdge)
      i = extent - kEdge;
    forEach(walk, dim + 1, base * extent + i, visit);
  }
}

static void appendElement(Text *text, const Walk *walk, int64_t index) {
  char buffer[400];
  int length;
  if (tilec_is_float(walk->value->dtype)) {
    double number =
        tilec_load_float(walk->value->data, index, walk->value->dtype);
    length = writeArrayFloat(buffer, sizeof buffer, walk->value, index,
                             &walk->format);
    /* Points align: what trimming took away comes back as spaces. */
    int trimmed = 0;
    if (isfinite(number)) {
      char full[400];
      trimmed =
          writeFloat(full, sizeof full,
                     shortened(walk->value, index, walk->format.scientific),
                     &walk->format) -
          length;
    }
    appendPadding(text, walk->width - length - trimmed);
    append(text, buffer, (size_t)length);
    appendPadding(text, trimmed);
    return;
  }
  length = writeInteger(buffer, sizeof buffer, walk->value, index);
  appendPadding(text, walk->width - length);
  append(text, buffer, (size_t)length);
}

static void appendArray(Text *text, const Walk *walk, int32_t dim,
                        int64_t base) {
  int64_t extent = walk->value->extents[dim];
  int last = dim + 1 == walk->value->rank;
  append(text, "[", 1);
  for (int64_t i = 0; i < extent; ++i) {
    int gap = walk->summarize && extent > 2 * kEdge && i == kEdge;
    int width = gap ? 3 : walk->width;
    if (last && i > 0) {
      /* One column is kept for the closing bracket of each dim. */
      size_t column = text->size - text->lineStart;
      if (column + 1 + (size_t)width + (size_t)walk->value->rank > kLineWidth)
        newLine(text, dim + 1);
      else
        append(text, " ", 1);
    } else if (i > 0) {
      for (int32_t d = dim + 1; d < walk->value->rank; ++d)
        append(text, "\n", d + 1 < walk->value->rank ? 1 : 0);
      newLine(text, dim + 1);
    }
    if (gap) {
      append(text, "...", 3);
      i = extent - kEdge - 1;
      continue;
    }
    if (last)
      appendElement(text, walk, base * extent + i);
    else
      appendArray(text, walk, dim + 1, base * extent + i);
  }
  append(text, "]", 1);
}

/* From which magnitude on an array is written with exponents: where digits
 * before the point would be invented. */
static double largestFixed(int32_t dtype) {
  int bits = dtype % 256;
  return bits == 64 ? 1e8 : bits == 32 ? 1e6 : 1e3;
}

static void appendValue(Text *text, const TilecPrintValue *value) {
  if (value->rank == 0) {
    appendScalar(text, value);
    return;
  }
  int64_t count = 1;
  for (int32_t d = 0; d < value->rank; ++d)
    count *= value->extents[d];
  if (count == 0) {
    append(text, "[]", 2);
    return;
  }
  Walk walk = {value, count > kThreshold, {0, 0, 0, 0}, INFINITY, 0, 0, 0};
  if (tilec_is_float(value->dtype)) {
    forEach(&walk, 0, 0, measureRange);
    if (walk.largest > 0)
      walk.format.scientific = walk.largest >= largestFixed(value->dtype) ||
                               walk.least < 1e-4 ||
                               walk.largest / walk.least > 1000.0;
    forEach(&walk, 0, 0, measureDigits);
  }
  forEach(&walk, 0, 0, measureWidth);
  appendArray(text, &walk, 0, 0);
}

TILEC_SUPPORT void tilec_print(const char *format, int32_t num_values,
                               const TilecPrintValue *values) {
  Text text = {NULL, 0, 0, 0};
  int32_t next = 0;
  for (const char *at = format; *at; ++at) {
    if ((at[0] == '{' || at[0] == '}') && at[1] == at[0]) {
      append(&text, at++, 1);
    } else if (at[0] == '{' && at[1] == '}' && next < num_values) {
      text.lineStart = text.size; /* lines are measured from the value on */
      appendValue(&text, &values[next++]);
      ++at;
    } else {
      append(&text, at, 1);
    }
  }
  append(&text, "\n", 1);
  if (text.data) {
    fwrite(text.data, 1, text.size, stdout);
    fflush(stdout);
  }
  free(text.data);
}
