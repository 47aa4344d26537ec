//===- Scope.h - names and what they are bound to ---------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// Local names while a kernel is elaborated, the items of files, and guesses at misspelt names.
//
//===----------------------------------------------------------------------===//

#ifndef TILEC_LIB_FRONTEND_SCOPE_H
#define TILEC_LIB_FRONTEND_SCOPE_H

#include "Values.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringMap.h"

#include <deque>

namespace tilec {

/// A local name.
struct Binding {
  llvm::StringRef name;
  SourceRange declared;
  /// `var`: may be assigned again.
  bool isVar = false;
  Val val;
};

/// One block's names. Looks outwards through the parents; a fn's body has no parent but its file.
class Scope {
public:
  explicit Scope(Scope *parent) : parent(parent) {}

  /// The binding of the name here or further out, or null.
  Binding *lookup(llvm::StringRef name);
  /// The binding of the name in this very block, or null.
  Binding *lookupHere(llvm::StringRef name);
  /// Adds a binding; a name that this block has already is hidden from now on.
  Binding &add(llvm::StringRef name, SourceRange declared, Val val, bool isVar = false);
  /// All visible names.
  void collectNames(llvm::SmallVectorImpl<llvm::StringRef> &names) const;
  Scope *getParent() const { return parent; }

private:
  Scope *parent;
  // A deque, since bindings are pointed at.
  std::deque<Binding> bindings;
};

/// The items that one file sees: its own, then those of the files that it imports.
struct FileScope {
  FileId file = SourceLoc::noFile;
  const ast::Module *module = nullptr;
  /// By name, in source order.
  llvm::MapVector<llvm::StringRef, const ast::Item *> items;
  /// Which file's names an item of `items` sees.
  llvm::DenseMap<const ast::Item *, const FileScope *> home;
};

/// The name among `candidates` that is likely meant by `name`; empty if none is close.
llvm::StringRef closestName(llvm::StringRef name, llvm::ArrayRef<llvm::StringRef> candidates);

} // namespace tilec

#endif // TILEC_LIB_FRONTEND_SCOPE_H
