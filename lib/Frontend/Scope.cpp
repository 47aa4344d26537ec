//===- Scope.cpp - names and what they are bound to -------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lookup of local names, and the guess at what a misspelt name should have been.
//
//===----------------------------------------------------------------------===//

#include "Scope.h"

using namespace tilec;

Binding *Scope::lookupHere(llvm::StringRef name) {
  // The latest one wins.
  for (Binding &binding : llvm::reverse(bindings))
    if (binding.name == name)
      return &binding;
  return nullptr;
}

Binding *Scope::lookup(llvm::StringRef name) {
  for (Scope *scope = this; scope; scope = scope->parent)
    if (Binding *binding = scope->lookupHere(name))
      return binding;
  return nullptr;
}

Binding &Scope::add(llvm::StringRef name, SourceRange declared, Val val, bool isVar) {
  bindings.push_back({name, declared, isVar, std::move(val)});
  return bindings.back();
}

void Scope::collectNames(llvm::SmallVectorImpl<llvm::StringRef> &names) const {
  for (const Scope *scope = this; scope; scope = scope->parent)
    for (const Binding &binding : scope->bindings)
      names.push_back(binding.name);
}

llvm::StringRef tilec::closestName(llvm::StringRef name, llvm::ArrayRef<llvm::StringRef> candidates) {
  // A name of one letter is one edit from every other one; only its case may be wrong.
  llvm::StringRef best;
  unsigned limit = name.size() < 3 ? 0 : name.size() < 6 ? 1 : 2, bestDistance = limit + 1;
  for (llvm::StringRef candidate : candidates) {
    unsigned distance = candidate.equals_insensitive(name) ? 0 : candidate.edit_distance(name, true, limit + 1);
    if (distance < bestDistance && candidate != name) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}
