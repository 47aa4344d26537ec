//===- IndexOrder.h - comparing linear forms of two instances ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TILEC_LIB_ANALYSIS_INDEXORDER_H
#define TILEC_LIB_ANALYSIS_INDEXORDER_H

#include "IndexRegions.h"

namespace tilec::analysis {

/// Two instances, of a first and of a second access, and what is known of how their loops stand to each other.
///
/// Symbols that vary inside the scope have two names, one per instance; some names are then replaced: the count of a
/// later iteration is that of the earlier one, plus 1, plus a count.
class IndexOrder {
public:
  /// Instances at the same iteration of everything that both forms speak of.
  explicit IndexOrder(IndexForms &forms) : forms(&forms) {}
  /// Instances that may differ in all that is defined inside `scope`.
  IndexOrder(IndexForms &forms, mlir::Operation *scope) : forms(&forms), scope(scope) {}

  /// The iteration of `loop`, or of dim `dim` of a grid, is the same for both.
  void setEqual(mlir::Operation *loop, unsigned dim);
  /// The iteration of the instance on side `later` (1 or 2) is behind that of the other.
  void setLater(mlir::Operation *loop, unsigned dim, unsigned later);

  /// True if the regions have no index in common.
  bool areDisjoint(const IndexRegion &first, const IndexRegion &second) const;
  /// True if the regions are the same, each index of one is one of the other.
  bool areEqual(const IndexRegion &first, const IndexRegion &second) const;

  /// True if the value may differ between the instances.
  bool varies(mlir::Value value) const;

private:
  std::optional<LinearForm> rename(const LinearForm &form, unsigned side) const;
  /// A number that `form` is never below, the greatest one found; INT64_MIN if none is.
  int64_t leastOf(const LinearForm &form, unsigned depth = 0) const;
  int64_t greatestOf(const LinearForm &form) const;
  std::optional<LinearForm> boundBy(const LinearForm &form, unsigned term) const;
  bool isBefore(const IndexRegion &first, unsigned side, const IndexRegion &second) const;
  bool areApart(const IndexRegion &first, unsigned side, const IndexRegion &second) const;

  IndexForms *forms;
  mlir::Operation *scope = nullptr;
  llvm::SmallVector<std::pair<Name, LinearForm>> replaced;
};

} // namespace tilec::analysis

#endif // TILEC_LIB_ANALYSIS_INDEXORDER_H
