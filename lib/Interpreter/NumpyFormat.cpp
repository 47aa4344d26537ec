//===- NumpyFormat.cpp - arrays as text ------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// NumPy's array2string: the shortest digits that tell an element of its type apart, at most 8 behind the point, in
/// aligned columns; scientific where the magnitudes ask for it; lines of 75 columns; of arrays with more than 1000
/// elements the first and last three along each dim.
//
//===----------------------------------------------------------------------===//
#include "NumpyFormat.h"

#include "ElementFormats.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdio>
#include <cstring>

using namespace tilec::interpreter;

static constexpr int kPrecision = 8;
static constexpr size_t kLineWidth = 75;
static constexpr int64_t kThreshold = 1000;
static constexpr int64_t kEdgeItems = 3;

//===----------------------------------------------------------------------===//
// numbers
//===----------------------------------------------------------------------===//

namespace {
/// A finite number in decimal: 0.d1d2d3... * 10^point, without trailing zeros; no digits for 0.
struct Decimal {
  bool negative = false;
  std::string digits;
  int point = 0;
};
} // namespace

static double numberOf(PrintedType type, uint64_t bits) {
  double number = 0;
  (void)withFormat(type.type, [&]<typename Format>(Format) { number = Format::load(bits); });
  return number;
}

/// `number` to `count` significant digits, correctly rounded.
static Decimal roundToDigits(double number, int count) {
  char text[64];
  std::snprintf(text, sizeof(text), "%.*e", count - 1, std::fabs(number));
  llvm::StringRef mantissa, exponent;
  std::tie(mantissa, exponent) = llvm::StringRef(text).split('e');
  Decimal decimal;
  decimal.negative = std::signbit(number);
  for (char c : mantissa)
    if (c != '.')
      decimal.digits += c;
  int power = 0;
  (void)exponent.ltrim('+').getAsInteger(10, power);
  decimal.digits = llvm::StringRef(decimal.digits).rtrim('0').str();
  decimal.point = decimal.digits.empty() ? 0 : power + 1;
  return decimal;
}

/// The fewest digits that round to the element and to no other of its type.
static Decimal shortestDecimal(PrintedType type, uint64_t bits) {
  double number = numberOf(type, bits);
  for (int count = 1; count < 17; ++count) {
    Decimal decimal = roundToDigits(number, count);
    char text[64];
    std::snprintf(text, sizeof(text), "%.*e", count - 1, number);
    bool isSame = false;
    (void)withFormat(type.type, [&]<typename Format>(Format) {
      if constexpr (std::is_same_v<Format, F32Format>)
        isSame = Format::store(std::strtof(text, nullptr)) == bits;
      else
        isSame = Format::store(std::strtod(text, nullptr)) == bits;
    });
    if (isSame)
      return decimal;
  }
  return roundToDigits(number, 17);
}

/// Digits before the point, at least one.
static std::string integralDigits(const Decimal &decimal) {
  if (decimal.point <= 0)
    return "0";
  std::string digits = decimal.digits.substr(0, decimal.point);
  digits.resize(decimal.point, '0');
  return digits;
}

/// Digits behind the point, without trailing zeros.
static std::string fractionalDigits(const Decimal &decimal) {
  if (decimal.point >= static_cast<int>(decimal.digits.size()))
    return "";
  if (decimal.point >= 0)
    return decimal.digits.substr(decimal.point);
  return std::string(-decimal.point, '0') + decimal.digits;
}

/// `d.ddd` of the scientific form: the digits behind its point.
static std::string scientificFraction(const Decimal &decimal) {
  return decimal.digits.size() > 1 ? decimal.digits.substr(1) : "";
}

static std::string exponentText(const Decimal &decimal) {
  int exponent = decimal.digits.empty() ? 0 : decimal.point - 1;
  std::string text = std::to_string(std::abs(exponent));
  return (exponent < 0 ? "e-" : "e+") + (text.size() < 2 ? "0" + text : text);
}

static std::string specialText(double number) {
  if (std::isnan(number))
    return "nan";
  return number < 0 ? "-inf" : "inf";
}

/// A float alone, as str() of a NumPy scalar: scientific below 1e-4, and from where the type runs out of digits.
static std::string formatScalarFloat(PrintedType type, uint64_t bits) {
  double number = numberOf(type, bits);
  if (!std::isfinite(number))
    return specialText(number);
  Decimal decimal = shortestDecimal(type, bits);
  std::string sign = decimal.negative ? "-" : "";
  double magnitude = std::fabs(number);
  unsigned width = type.type.getIntOrFloatBitWidth();
  double large = width == 64 ? 1e16 : width == 32 ? 1e6 : 1e3;
  if (magnitude != 0 && (magnitude < 1e-4 || magnitude >= large)) {
    std::string fraction = scientificFraction(decimal);
    return sign + decimal.digits.substr(0, 1) + (fraction.empty() ? "" : "." + fraction) + exponentText(decimal);
  }
  std::string fraction = fractionalDigits(decimal);
  return sign + integralDigits(decimal) + "." + (fraction.empty() ? "0" : fraction);
}

static std::string formatInteger(PrintedType type, uint64_t bits) {
  if (type.kind == PrintedType::Bool)
    return bits ? "True" : "False";
  if (type.kind == PrintedType::Unsigned)
    return std::to_string(bits);
  return std::to_string(signExtend(bits, elementWidth(type.type)));
}

//===----------------------------------------------------------------------===//
// the columns of an array
//===----------------------------------------------------------------------===//

static std::string padLeft(const std::string &text, size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

static std::string padRight(const std::string &text, size_t width, char with) {
  return text.size() < width ? text + std::string(width - text.size(), with) : text;
}

/// The element rounded to at most kPrecision digits behind the point.
static Decimal limitDigits(PrintedType type, uint64_t bits, bool scientific) {
  Decimal decimal = shortestDecimal(type, bits);
  int behind = scientific ? static_cast<int>(decimal.digits.size()) - 1
                          : static_cast<int>(decimal.digits.size()) - decimal.point;
  if (behind <= kPrecision)
    return decimal;
  // The value itself is rounded again, not its shortest digits. Positional elements are at least 1e-4.
  return roundToDigits(numberOf(type, bits), scientific ? kPrecision + 1 : decimal.point + kPrecision);
}

/// The finite elements in scientific form, aligned: equally many digits behind the point, the element's own ones where
/// its shortest have fewer.
static void formatScientific(PrintedType type, llvm::ArrayRef<uint64_t> elements, std::vector<std::string> &texts) {
  size_t left = 0, right = 0, exponentWidth = 0;
  std::vector<Decimal> decimals(elements.size());
  for (auto [i, bits] : llvm::enumerate(elements)) {
    if (!std::isfinite(numberOf(type, bits)))
      continue;
    decimals[i] = limitDigits(type, bits, /*scientific=*/true);
    left = std::max(left, 1 + static_cast<size_t>(decimals[i].negative));
    right = std::max(right, scientificFraction(decimals[i]).size());
    exponentWidth = std::max(exponentWidth, exponentText(decimals[i]).size());
  }
  for (auto [i, bits] : llvm::enumerate(elements)) {
    if (!std::isfinite(numberOf(type, bits)))
      continue;
    decimals[i] = roundToDigits(numberOf(type, bits), static_cast<int>(right) + 1);
    std::string digit = decimals[i].digits.empty() ? "0" : decimals[i].digits.substr(0, 1);
    std::string exponent = exponentText(decimals[i]);
    exponent = exponent.substr(0, 2) + std::string(exponentWidth - exponent.size(), '0') + exponent.substr(2);
    texts[i] = padLeft((decimals[i].negative ? "-" : "") + digit, left) + "." +
               padRight(scientificFraction(decimals[i]), right, '0') + exponent;
  }
}

/// The finite elements in positional form, aligned at the point, padded with blanks behind it.
static void formatPositional(PrintedType type, llvm::ArrayRef<uint64_t> elements, std::vector<std::string> &texts) {
  size_t left = 0, right = 0;
  std::vector<Decimal> decimals(elements.size());
  auto integral = [&](size_t i) { return (decimals[i].negative ? "-" : "") + integralDigits(decimals[i]); };
  for (auto [i, bits] : llvm::enumerate(elements)) {
    if (!std::isfinite(numberOf(type, bits)))
      continue;
    decimals[i] = limitDigits(type, bits, /*scientific=*/false);
    left = std::max(left, integral(i).size());
    right = std::max(right, fractionalDigits(decimals[i]).size());
  }
  for (auto [i, bits] : llvm::enumerate(elements))
    if (std::isfinite(numberOf(type, bits)))
      texts[i] = padLeft(integral(i), left) + "." + padRight(fractionalDigits(decimals[i]), right, ' ');
}

static std::vector<std::string> formatFloats(PrintedType type, llvm::ArrayRef<uint64_t> elements) {
  double largest = 0, smallest = HUGE_VAL;
  for (uint64_t bits : elements) {
    double magnitude = std::fabs(numberOf(type, bits));
    if (!std::isfinite(magnitude) || magnitude == 0)
      continue;
    largest = std::max(largest, magnitude);
    smallest = std::min(smallest, magnitude);
  }
  std::vector<std::string> texts(elements.size());
  bool hasNumbers = largest != 0;
  // NumPy 2.4: from where the type runs out of digits, and from 1e8 at the latest.
  unsigned width = type.type.getIntOrFloatBitWidth();
  double large = width == 64 ? 1e8 : width == 32 ? 1e6 : 1e3;
  if (hasNumbers && (largest >= large || smallest < 1e-4 || largest / smallest > 1000))
    formatScientific(type, elements, texts);
  else
    formatPositional(type, elements, texts);
  for (auto [i, bits] : llvm::enumerate(elements))
    if (!std::isfinite(numberOf(type, bits)))
      texts[i] = specialText(numberOf(type, bits));
  return texts;
}

//===----------------------------------------------------------------------===//
// the layout of an array
//===----------------------------------------------------------------------===//

/// The positions along a dim that are shown; -1 stands for the ellipsis.
static llvm::SmallVector<int64_t> shownPositions(int64_t extent, bool isSummary) {
  llvm::SmallVector<int64_t> positions;
  bool isCut = isSummary && extent > 2 * kEdgeItems;
  for (int64_t i = 0; i != extent; ++i)
    if (!isCut || i < kEdgeItems || i >= extent - kEdgeItems)
      positions.push_back(i);
    else if (i == kEdgeItems)
      positions.push_back(-1);
  return positions;
}

namespace {
/// Writes the nested brackets of an array.
class Layout {
public:
  Layout(llvm::ArrayRef<int64_t> extents, bool isSummary) : extents(extents), isSummary(isSummary) {}

  /// The positions of the elements that are shown, in order.
  void collect(size_t d, int64_t position, std::vector<int64_t> &shown) const {
    if (d == extents.size()) {
      shown.push_back(position);
      return;
    }
    for (int64_t i : shownPositions(extents[d], isSummary))
      if (i >= 0)
        collect(d + 1, position * extents[d] + i, shown);
  }

  /// The text from dim `d` on. `next` is the next of the texts; `indent` and `closing` are the brackets that stand
  /// before each line and behind the last element.
  std::string write(size_t d, llvm::ArrayRef<std::string> &next, size_t indent, size_t closing) const {
    std::string blanks(indent, ' ');
    return d + 1 == extents.size() ? writeLine(next, blanks, closing) : writeRows(d, next, indent, closing);
  }

private:
  /// Elements along the last dim, broken into lines.
  std::string writeLine(llvm::ArrayRef<std::string> &next, const std::string &blanks, size_t closing) const {
    std::string text, line = blanks;
    llvm::SmallVector<int64_t> positions = shownPositions(extents.back(), isSummary);
    for (auto [n, i] : llvm::enumerate(positions)) {
      bool isLast = n + 1 == positions.size();
      std::string word = i < 0 ? "..." : next.front();
      if (i >= 0)
        next = next.drop_front();
      // Every line leaves room for the brackets that close behind the last element.
      if (line.size() + word.size() > kLineWidth - closing && line.size() > blanks.size()) {
        text += llvm::StringRef(line).rtrim(' ').str() + "\n";
        line = blanks;
      }
      line += word + (isLast ? "" : " ");
    }
    text += line;
    return "[" + text.substr(blanks.size()) + "]";
  }

  std::string writeRows(size_t d, llvm::ArrayRef<std::string> &next, size_t indent, size_t closing) const {
    std::string separator(extents.size() - d - 1, '\n');
    separator += std::string(indent, ' ');
    std::string text;
    llvm::SmallVector<int64_t> positions = shownPositions(extents[d], isSummary);
    for (auto [n, i] : llvm::enumerate(positions)) {
      if (n != 0)
        text += separator;
      text += i < 0 ? "..." : write(d + 1, next, indent + 1, closing + 1);
    }
    return "[" + text + "]";
  }

  llvm::ArrayRef<int64_t> extents;
  bool isSummary;
};
} // namespace

PrintedType tilec::interpreter::printedType(llvm::StringRef name, mlir::Type type) {
  if (llvm::isa<mlir::FloatType>(type))
    return {PrintedType::Float, type};
  if (name == "bool" || type.isInteger(1))
    return {PrintedType::Bool, type};
  return {name.starts_with("u") ? PrintedType::Unsigned : PrintedType::Signed, type};
}

std::string tilec::interpreter::formatLikeNumpy(PrintedType type, llvm::ArrayRef<uint64_t> elements,
                                                llvm::ArrayRef<int64_t> extents) {
  bool isFloat = type.kind == PrintedType::Float;
  if (extents.empty())
    return isFloat ? formatScalarFloat(type, elements.front()) : formatInteger(type, elements.front());
  if (elements.empty())
    return "[]";
  Layout layout(extents, static_cast<int64_t>(elements.size()) > kThreshold);
  std::vector<int64_t> positions;
  layout.collect(0, 0, positions);
  std::vector<uint64_t> shown;
  for (int64_t position : positions)
    shown.push_back(elements[position]);
  std::vector<std::string> texts;
  if (isFloat)
    texts = formatFloats(type, shown);
  else
    for (uint64_t bits : shown)
      texts.push_back(formatInteger(type, bits));
  size_t width = type.kind == PrintedType::Bool ? std::strlen("False") : 0;
  for (const std::string &text : texts)
    width = std::max(width, text.size());
  for (std::string &text : texts)
    text = padLeft(text, width);
  llvm::ArrayRef<std::string> next(texts);
  return layout.write(0, next, /*indent=*/1, /*closing=*/1);
}
