//===- LayoutJSON.cpp - Layouts and answers as JSON -------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "LayoutJSON.h"

#include "llvm/ADT/StringExtras.h"

using namespace tilec;
using namespace tilec::layout;

/// A tuple as nested arrays; leaves by `leaf`.
template <class T, class Leaf> static llvm::json::Value toJSON(const Tuple<T> &tuple, Leaf leaf) {
  if (tuple.isLeaf())
    return leaf(tuple.leaf());
  llvm::json::Array modes;
  for (const Tuple<T> &mode : tuple.modes())
    modes.push_back(toJSON(mode, leaf));
  return modes;
}

/// An integer stride is a number, any other its text.
static llvm::json::Value strideJSON(const Offset &stride) {
  if (stride.isInteger())
    return stride.integer();
  return print(stride);
}

/// What a layout is made of: text, nested shape and stride, and its sizes.
llvm::json::Object tilec::layoutJSON(const ComposedLayout &composed) {
  const Layout &inner = composed.inner;
  llvm::json::Object object{{"layout", print(composed)},
                            {"shape", toJSON(inner.shape(), [](int64_t leaf) { return llvm::json::Value(leaf); })},
                            {"stride", toJSON(inner.stride(), strideJSON)},
                            {"rank", static_cast<int64_t>(inner.rank())},
                            {"depth", static_cast<int64_t>(inner.depth())},
                            {"size", inner.size()}};
  if (const Swizzle *swizzle = std::get_if<Swizzle>(&composed.outer))
    object["swizzle"] = llvm::json::Array{swizzle->bits(), swizzle->base(), swizzle->shift()};
  else if (const Layout *outer = std::get_if<Layout>(&composed.outer))
    object["outer"] = print(*outer);
  if (!composed.isLayout())
    object["offset"] = composed.offset;
  return object;
}

/// Adds what a text is made of, if it is a layout.
static void addLayout(llvm::json::Object &object, const std::string &text) {
  if (Result<ComposedLayout> layout = parseComposed(text); layout && llvm::StringRef(text).contains(':'))
    for (auto &member : layoutJSON(*layout))
      object.insert({member.first, std::move(member.second)});
}

llvm::json::Object tilec::resultJSON(const std::string &name, const Operands &operands, const std::string &result) {
  llvm::json::Object object{{"operation", name}, {"operands", llvm::json::Array(operands)}};
  int64_t number;
  if (llvm::to_integer(result, number))
    object["result"] = number;
  else if (result == "true" || result == "false")
    object["result"] = result == "true";
  else
    object["result"] = result;
  addLayout(object, result);
  return object;
}

llvm::json::Object tilec::answerJSON(const std::string &name, const Operands &operands, const Answer &answer) {
  llvm::json::Object object{{"operation", name}, {"operands", llvm::json::Array(operands)}, {"result", answer.layout}},
      facts;
  for (const auto &[fact, value] : answer.facts)
    facts[fact] = std::visit([](const auto &v) { return llvm::json::Value(v); }, value);
  object["facts"] = std::move(facts);
  addLayout(object, answer.layout);
  return object;
}
