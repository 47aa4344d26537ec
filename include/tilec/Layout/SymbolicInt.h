//===- SymbolicInt.h - Integers with symbols --------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// An integer of which only the form is known: a polynomial in symbols, such as
/// 4*M, M/64 or 64*M*N+1. A symbol stands for a positive integer; what else is
/// known of it (M is a multiple of 64, N is at least 4) is an Assumption.
///
/// Two questions are decided, each soundly: what they affirm holds for all
/// values that the assumptions admit, and what they do not affirm may hold.
///
///   exactQuotient(a, b)  is a / b an integer, and which: for products alone. With
///                        M a multiple of 64, 2*M / 32 is M/16.
///   isNonNegative(a)     with each symbol M written as (its least value) + (its
///                        factor) * m, where m >= 0, no coefficient is negative.
///
/// Numbers are bounded by 2^62, products by eight symbols, and sums by 64 terms.
/// What would exceed them is invalid, as is all that is calculated from it: it
/// compares equal to nothing, and no question about it is affirmed.
//
//===----------------------------------------------------------------------===//
#ifndef TILEC_LAYOUT_SYMBOLICINT_H
#define TILEC_LAYOUT_SYMBOLICINT_H

#include "tilec/Layout/Result.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tilec::layout {

/// Values of symbols.
using Bindings = std::map<std::string, int64_t>;

/// What is known of symbols beyond that they are positive.
class Assumptions {
public:
  /// `symbol` is a multiple of `factor`, besides what is known already. Fails unless factor is positive and the least
  /// common multiple is at most 2^62.
  Status addMultiple(const std::string &symbol, int64_t factor);
  /// `symbol` is at least `bound`.
  Status addBound(const std::string &symbol, int64_t bound);
  /// Reads one: M % 64 = 0, or M >= 4.
  Status add(std::string_view text);

  /// 1 where nothing is known.
  int64_t factorOf(const std::string &symbol) const;
  /// The least value, a multiple of the factor.
  int64_t leastOf(const std::string &symbol) const;
  /// Fails where a value is not as assumed; the sentence names both.
  Status check(const Bindings &bindings) const;

private:
  struct Fact {
    int64_t factor = 1, bound = 1;
  };
  std::map<std::string, Fact> facts;
};

/// A number times symbols: 3*M*N/2.
struct Monomial {
  int64_t numerator = 1;
  /// Positive, and without a common factor with the numerator.
  int64_t denominator = 1;
  /// Sorted; a symbol stands as often as its power says.
  std::vector<std::string> symbols;
  bool operator==(const Monomial &) const = default;
};

/// A sum of monomials with different symbols.
class SymbolicInt {
public:
  SymbolicInt(int64_t number = 0);
  static SymbolicInt symbol(std::string name);

  bool isValid() const { return valid; }
  /// The number, if there are no symbols.
  std::optional<int64_t> asNumber() const;
  bool is(int64_t number) const { return asNumber() == number; }
  /// A product: at most one term.
  bool isMonomial() const { return valid && terms.size() <= 1; }
  /// The sign of a product: -1, 0 or 1. Symbols are positive.
  int sign() const;
  const std::vector<Monomial> &monomials() const { return terms; }
  bool operator==(const SymbolicInt &other) const { return valid && other.valid && terms == other.terms; }

  friend SymbolicInt operator+(const SymbolicInt &a, const SymbolicInt &b);
  friend SymbolicInt operator*(const SymbolicInt &a, const SymbolicInt &b);
  friend SymbolicInt operator-(const SymbolicInt &a, const SymbolicInt &b) { return a + b * SymbolicInt(-1); }
  /// This over a positive number, whether that is an integer or not.
  SymbolicInt over(int64_t divisor) const;

  /// The value; fails for a symbol without a value, a value that is not positive, and where it is no integer.
  Result<int64_t> bind(const Bindings &bindings) const;

private:
  void addTerm(Monomial term);

  bool valid = true;
  /// By descending degree, then by symbols; no numerator is 0.
  std::vector<Monomial> terms;
};

/// 4*M, M/64, 64*M*N-1.
std::string print(const SymbolicInt &value);

/// Whether a product of rational numbers and symbols is an integer for all admitted values.
bool isIntegral(const SymbolicInt &value, const Assumptions &assumptions);

/// The quotient of two products, if it is an integer for all admitted values.
std::optional<SymbolicInt> exactQuotient(const SymbolicInt &a, const SymbolicInt &b, const Assumptions &assumptions);

/// What must be known for exactQuotient(a, b): "M to be a multiple of 64", "N to divide M".
std::string missingFact(const SymbolicInt &a, const SymbolicInt &b, const Assumptions &assumptions);

/// Whether no admitted values make this negative, as far as the coefficients tell.
bool isNonNegative(const SymbolicInt &value, const Assumptions &assumptions);

/// The first symbol in a text of layouts, tuples, tilers and swizzles, or nothing.
std::optional<std::string> findSymbol(std::string_view text);

} // namespace tilec::layout

#endif // TILEC_LAYOUT_SYMBOLICINT_H
