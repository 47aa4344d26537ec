//===- SymbolicInt.cpp - Integers with symbols ------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "tilec/Layout/SymbolicInt.h"

#include "CheckedMath.h"
#include "TextReader.h"

#include <algorithm>
#include <numeric>

using namespace tilec::layout;

static constexpr size_t maxSymbols = 8, maxTerms = 64;

//===----------------------------------------------------------------------===//
// Assumptions
//===----------------------------------------------------------------------===//

Status Assumptions::addMultiple(const std::string &symbol, int64_t factor) {
  if (factor < 1)
    return Error{"a symbol is a multiple of a positive number, not of " + std::to_string(factor)};
  int64_t &known = facts[symbol].factor, common;
  if (!multiply(known / std::gcd(known, factor), factor, common) || common > maxSize)
    return Error{"the numbers that divide " + symbol + " have no common multiple up to 2^62"};
  known = common;
  return success();
}

Status Assumptions::addBound(const std::string &symbol, int64_t bound) {
  if (bound > maxSize / 2)
    return Error{"the bound of " + symbol + " exceeds 2^61"};
  int64_t &known = facts[symbol].bound;
  known = std::max(known, bound);
  return success();
}

Status Assumptions::add(std::string_view text) {
  TextReader reader(text);
  std::optional<std::string> symbol = reader.symbol();
  if (!symbol)
    return reader.expected("a symbol");
  bool isBound = reader.accept(">=");
  if (!isBound && !reader.accept("%"))
    return reader.expected("'%' or '>='");
  Result<int64_t> number = reader.number();
  if (!number)
    return number.error();
  if (!isBound) {
    if (!reader.accept("==") && !reader.accept("="))
      return reader.expected("'= 0'");
    Result<int64_t> rest = reader.number();
    if (!rest)
      return rest.error();
    if (*rest)
      return Error{"only the remainder 0 can be assumed, not " + std::to_string(*rest)};
  }
  if (!reader.atEnd())
    return reader.expected("the end of the assumption");
  return isBound ? addBound(*symbol, *number) : addMultiple(*symbol, *number);
}

int64_t Assumptions::factorOf(const std::string &symbol) const {
  auto fact = facts.find(symbol);
  return fact == facts.end() ? 1 : fact->second.factor;
}

int64_t Assumptions::leastOf(const std::string &symbol) const {
  auto fact = facts.find(symbol);
  if (fact == facts.end())
    return 1;
  return ceilDiv(fact->second.bound, fact->second.factor) * fact->second.factor;
}

Status Assumptions::check(const Bindings &bindings) const {
  for (const auto &[symbol, value] : bindings) {
    if (value % factorOf(symbol))
      return Error{symbol + " is assumed to be a multiple of " + std::to_string(factorOf(symbol)) + ", and " +
                   std::to_string(value) + " is none"};
    if (value < leastOf(symbol))
      return Error{symbol + " is assumed to be at least " + std::to_string(leastOf(symbol)) + ", and " +
                   std::to_string(value) + " is less"};
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

static bool isBounded(int64_t number) { return number >= -maxSize && number <= maxSize; }

/// Divides both by their common factor. False where the numbers are too large.
static bool reduce(Monomial &term) {
  int64_t common = std::gcd(term.numerator, term.denominator);
  term.numerator /= common;
  term.denominator /= common;
  return isBounded(term.numerator) && term.denominator <= maxSize;
}

static bool multiplyInto(Monomial &product, const Monomial &other) {
  // Crosswise first, so that no number is larger than it must be.
  int64_t left = std::gcd(product.numerator, other.denominator), right = std::gcd(other.numerator, product.denominator);
  if (!product.numerator || !other.numerator) {
    product = {0, 1, {}};
    return true;
  }
  if (!multiply(product.numerator / left, other.numerator / right, product.numerator) ||
      !multiply(product.denominator / right, other.denominator / left, product.denominator))
    return false;
  std::vector<std::string> symbols;
  std::merge(product.symbols.begin(), product.symbols.end(), other.symbols.begin(), other.symbols.end(),
             std::back_inserter(symbols));
  product.symbols = std::move(symbols);
  return reduce(product) && product.symbols.size() <= maxSymbols;
}

/// Adds another number of the same symbols.
static bool addInto(Monomial &sum, const Monomial &other) {
  int64_t common = std::gcd(sum.denominator, other.denominator), left, right;
  if (!multiply(sum.numerator, other.denominator / common, left) ||
      !multiply(other.numerator, sum.denominator / common, right) || !add(left, right, sum.numerator) ||
      !multiply(sum.denominator, other.denominator / common, sum.denominator))
    return false;
  return reduce(sum);
}

SymbolicInt::SymbolicInt(int64_t number) : valid(isBounded(number)) {
  if (number)
    terms.push_back({number, 1, {}});
}

SymbolicInt SymbolicInt::symbol(std::string name) {
  SymbolicInt result;
  result.terms.push_back({1, 1, {std::move(name)}});
  return result;
}

std::optional<int64_t> SymbolicInt::asNumber() const {
  if (!valid || terms.size() > 1)
    return std::nullopt;
  if (terms.empty())
    return 0;
  const Monomial &term = terms.front();
  return term.symbols.empty() && term.denominator == 1 ? std::optional(term.numerator) : std::nullopt;
}

int SymbolicInt::sign() const {
  assert(isMonomial() && "the sign of a sum is not known");
  return terms.empty() ? 0 : terms.front().numerator < 0 ? -1 : 1;
}

void SymbolicInt::addTerm(Monomial term) {
  if (!term.numerator || !valid)
    return;
  auto place = std::find_if(terms.begin(), terms.end(), [&](const Monomial &t) { return t.symbols == term.symbols; });
  if (place != terms.end()) {
    valid = addInto(*place, term);
    if (!place->numerator)
      terms.erase(place);
    return;
  }
  auto before = [](const Monomial &a, const Monomial &b) {
    return a.symbols.size() != b.symbols.size() ? a.symbols.size() > b.symbols.size() : a.symbols < b.symbols;
  };
  terms.insert(std::upper_bound(terms.begin(), terms.end(), term, before), std::move(term));
  valid = terms.size() <= maxTerms;
}

SymbolicInt tilec::layout::operator+(const SymbolicInt &a, const SymbolicInt &b) {
  SymbolicInt sum = a;
  sum.valid = a.valid && b.valid;
  for (const Monomial &term : b.terms)
    sum.addTerm(term);
  return sum;
}

SymbolicInt tilec::layout::operator*(const SymbolicInt &a, const SymbolicInt &b) {
  SymbolicInt product;
  product.valid = a.valid && b.valid;
  for (const Monomial &x : a.terms)
    for (const Monomial &y : b.terms) {
      Monomial term = x;
      product.valid = product.valid && multiplyInto(term, y);
      product.addTerm(std::move(term));
    }
  return product;
}

SymbolicInt SymbolicInt::over(int64_t divisor) const {
  assert(divisor > 0 && "divisors are positive");
  SymbolicInt fraction(1);
  fraction.terms.front().denominator = divisor;
  return *this * fraction;
}

Result<int64_t> SymbolicInt::bind(const Bindings &bindings) const {
  auto tooLarge = [&] { return Error{"the value of " + print(*this) + " exceeds 2^62"}; };
  if (!valid)
    return tooLarge();
  Monomial sum{0, 1, {}};
  for (const Monomial &term : terms) {
    Monomial value{term.numerator, term.denominator, {}};
    for (const std::string &name : term.symbols) {
      auto binding = bindings.find(name);
      if (binding == bindings.end())
        return Error{name + " has no value"};
      if (binding->second < 1)
        return Error{"symbols are positive, and " + name + " is " + std::to_string(binding->second)};
      if (!multiplyInto(value, {binding->second, 1, {}}))
        return tooLarge();
    }
    if (!addInto(sum, value))
      return tooLarge();
  }
  if (sum.denominator != 1) {
    std::string values;
    for (const auto &[name, value] : bindings)
      values += (values.empty() ? "" : ", ") + name + " = " + std::to_string(value);
    return Error{print(*this) + " is no integer for " + values};
  }
  return sum.numerator;
}

std::string tilec::layout::print(const SymbolicInt &value) {
  if (!value.isValid())
    return "(too large)";
  std::string text;
  for (const Monomial &term : value.monomials()) {
    int64_t number = term.numerator < 0 ? -term.numerator : term.numerator;
    text += term.numerator < 0 ? "-" : text.empty() ? "" : "+";
    std::string factors = number == 1 && !term.symbols.empty() ? "" : std::to_string(number);
    for (const std::string &symbol : term.symbols)
      factors += (factors.empty() ? "" : "*") + symbol;
    text += factors;
    if (term.denominator != 1)
      text += "/" + std::to_string(term.denominator);
  }
  return text.empty() ? "0" : text;
}

//===----------------------------------------------------------------------===//
// Questions
//===----------------------------------------------------------------------===//

/// What the factors of the symbols leave of the denominator.
static int64_t restOfDenominator(const Monomial &term, const Assumptions &assumptions) {
  int64_t rest = term.denominator;
  for (const std::string &symbol : term.symbols)
    rest /= std::gcd(rest, assumptions.factorOf(symbol));
  return rest;
}

bool tilec::layout::isIntegral(const SymbolicInt &value, const Assumptions &assumptions) {
  return value.isMonomial() &&
         (value.monomials().empty() || restOfDenominator(value.monomials().front(), assumptions) == 1);
}

/// a / b as numbers and symbols above the line, and symbols below it. Both are products, b is not 0.
static std::optional<std::pair<Monomial, std::vector<std::string>>> fraction(const Monomial &a, const Monomial &b) {
  Monomial quotient{a.numerator, a.denominator, {}};
  Monomial inverse{b.numerator < 0 ? -b.denominator : b.denominator, b.numerator < 0 ? -b.numerator : b.numerator, {}};
  if (!multiplyInto(quotient, inverse))
    return std::nullopt;
  std::vector<std::string> below;
  std::set_difference(a.symbols.begin(), a.symbols.end(), b.symbols.begin(), b.symbols.end(),
                      std::back_inserter(quotient.symbols));
  std::set_difference(b.symbols.begin(), b.symbols.end(), a.symbols.begin(), a.symbols.end(),
                      std::back_inserter(below));
  return std::pair(std::move(quotient), std::move(below));
}

/// A monomial as a value of its own.
static SymbolicInt asValue(const Monomial &term) {
  SymbolicInt value = SymbolicInt(term.numerator).over(term.denominator);
  for (const std::string &symbol : term.symbols)
    value = value * SymbolicInt::symbol(symbol);
  return value;
}

std::optional<SymbolicInt> tilec::layout::exactQuotient(const SymbolicInt &a, const SymbolicInt &b,
                                                        const Assumptions &assumptions) {
  if (!a.isMonomial() || !b.isMonomial() || b.is(0))
    return std::nullopt;
  if (a.is(0))
    return SymbolicInt(0);
  auto quotient = fraction(a.monomials().front(), b.monomials().front());
  if (!quotient || !quotient->second.empty() || restOfDenominator(quotient->first, assumptions) != 1)
    return std::nullopt;
  return asValue(quotient->first);
}

std::string tilec::layout::missingFact(const SymbolicInt &a, const SymbolicInt &b, const Assumptions &assumptions) {
  std::string whole = print(a) + " to be a multiple of " + print(b);
  if (!a.isMonomial() || !b.isMonomial() || a.is(0) || b.is(0))
    return whole;
  auto quotient = fraction(a.monomials().front(), b.monomials().front());
  if (!quotient || !quotient->second.empty() || quotient->first.symbols.empty())
    return whole;
  // What divides numerator * symbols where the denominator does: the symbols by what their known factors leave.
  const Monomial &term = quotient->first;
  if (term.symbols.size() == 1)
    return term.symbols.front() + " to be a multiple of " + std::to_string(term.denominator);
  return print(asValue({1, 1, term.symbols})) + " to be a multiple of " + std::to_string(term.denominator);
}

bool tilec::layout::isNonNegative(const SymbolicInt &value, const Assumptions &assumptions) {
  // Each symbol is its least value plus its factor times a symbol that may be 0.
  SymbolicInt sum;
  for (const Monomial &term : value.monomials()) {
    SymbolicInt product = SymbolicInt(term.numerator).over(term.denominator);
    for (const std::string &symbol : term.symbols)
      product = product * (SymbolicInt(assumptions.leastOf(symbol)) +
                           SymbolicInt(assumptions.factorOf(symbol)) * SymbolicInt::symbol(symbol));
    sum = sum + product;
  }
  return value.isValid() && sum.isValid() &&
         std::all_of(sum.monomials().begin(), sum.monomials().end(), [](const Monomial &t) { return t.numerator > 0; });
}
