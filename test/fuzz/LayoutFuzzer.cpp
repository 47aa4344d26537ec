//===- LayoutFuzzer.cpp - libFuzzer over layouts ----------------*- C++ -*-===//
//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Feeds lines `operation | operand | ...` to the layout algebra: no line may
/// crash, what is read must survive being printed, and a composition must be the
/// composition at the first indices.
///
//===----------------------------------------------------------------------===//

#include "tilec/Layout/Operations.h"
#include "tilec/Layout/Swizzle.h"
#include "tilec/Layout/SymbolicLayout.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

using namespace tilec::layout;

static void fail(const std::string &what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::abort();
}

/// What is printed is read back as the same.
static void checkText(const std::string &operand) {
  if (Result<ComposedLayout> layout = parseComposed(operand)) {
    Result<ComposedLayout> again = parseComposed(print(*layout));
    if (!again || !(*again == *layout))
      fail("printed and read back, the layout differs: " + print(*layout));
  }
  if (Result<Tiler> tiler = parseTiler(operand)) {
    Result<Tiler> again = parseTiler(print(*tiler));
    if (!again || print(*again) != print(*tiler))
      fail("printed and read back, the tiler differs: " + print(*tiler));
  }
}

/// R(i) = A(B(i)), where B's values are indices.
static void checkComposition(const std::string &first, const std::string &second) {
  Result<Layout> a = parseLayout(first), b = parseLayout(second);
  if (!a || !b)
    return;
  Result<Layout> r = composition(*a, *b);
  if (!r)
    return;
  for (int64_t i = 0; i < r->size() && i < 64; ++i) {
    std::optional<int64_t> index = (*b)(i).asNumber();
    if (!index || *index < 0)
      return;
    Result<Offset> expected = a->at(*index);
    if (!expected)
      return;
    Offset value = (*r)(i);
    bool same =
        value.asNumber() && expected->asNumber() ? *value.asNumber() == *expected->asNumber() : value == *expected;
    if (!same)
      fail(print(*a) + " o " + print(*b) + " is not " + print(*r) + ": they differ at " + std::to_string(i));
  }
}

/// The same with symbols, of which each is bound to a few values.
static void checkSymbolicComposition(const std::string &first, const std::string &second,
                                     const Assumptions &assumptions) {
  Result<SymbolicLayout> a = parseSymbolicLayout(first, assumptions), b = parseSymbolicLayout(second, assumptions);
  if (!a || !b)
    return;
  Result<SymbolicLayout> r = composition(*a, *b, assumptions);
  if (!r)
    return;
  Bindings bindings;
  for (const SymbolicLayout *layout : {&*a, &*b})
    for (const SymbolicMode &leaf : layout->leaves())
      for (const SymbolicInt *part : {&leaf.size, &leaf.stride})
        for (const Monomial &term : part->monomials())
          for (const std::string &symbol : term.symbols)
            bindings.emplace(symbol, assumptions.leastOf(symbol) + assumptions.factorOf(symbol) * (symbol[0] & 3));
  Result<Layout> x = bind(*a, bindings), y = bind(*b, bindings);
  if (!x || !y)
    return;
  Result<Layout> z = bind(*r, bindings);
  for (int64_t i = 0; z && i < z->size() && i < 64; ++i) {
    Result<Offset> expected = x->at((*y)(i).integer());
    if (expected && !(*expected == (*z)(i)))
      fail(print(*a) + " o " + print(*b) + " is not " + print(*r) + ": bound, they differ at " + std::to_string(i));
  }
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string text(reinterpret_cast<const char *>(data), size);
  // A few lines at a time keep an input fast.
  for (int line = 0; line < 8 && !text.empty(); ++line) {
    size_t end = std::min(text.find('\n'), text.size());
    std::vector<std::string> fields;
    for (size_t start = 0; start <= end;) {
      size_t bar = std::min(text.find('|', start), end);
      std::string field = text.substr(start, bar - start);
      size_t first = field.find_first_not_of(' '), last = field.find_last_not_of(' ');
      fields.push_back(first == std::string::npos ? "" : field.substr(first, last - first + 1));
      start = bar + 1;
    }
    text.erase(0, end + 1);
    std::string operation = fields.front();
    fields.erase(fields.begin());
    Assumptions assumptions;
    std::erase_if(fields, [&](const std::string &field) {
      return field.starts_with("assuming ") && assumptions.add(field.substr(9));
    });
    for (const std::string &operand : fields)
      checkText(operand);
    if (fields.size() > 1) {
      checkComposition(fields[0], fields[1]);
      checkSymbolicComposition(fields[0], fields[1], assumptions);
    }
    // The last field of a test's vector is the result: the line is tried with and without it.
    for (int rest = 0; rest < 2; ++rest) {
      Result<std::string> result = runOperation(operation, fields, assumptions);
      (void)static_cast<bool>(result);
      if (fields.empty())
        break;
      fields.pop_back();
    }
  }
  return 0;
}
