//===- Elaborator.h - one kernel from syntax tree to IR ---------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
/// \file
/// The walk that checks a kernel and generates its IR at once: helpers are inlined where they are used, so types are
/// only known on the way. The rules of the language live beside it (Types.h, Constants.h); this class applies them and
/// emits.
///
/// After an error a value is Poison, and whatever uses it is Poison too and says nothing: one mistake, one error.
//
//===----------------------------------------------------------------------===//

#ifndef TILEC_LIB_FRONTEND_ELABORATOR_H
#define TILEC_LIB_FRONTEND_ELABORATOR_H

#include "BodyScan.h"
#include "Builtins.h"
#include "ConstEval.h"
#include "Scope.h"
#include "Values.h"

#include "dialects/Tile/Tile.h"
#include "tilec/Frontend/Diagnostics.h"
#include "tilec/Frontend/Frontend.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringSet.h"

#include <functional>

namespace tilec {

/// What all kernels of one compilation share.
struct Elaboration {
  Elaboration(mlir::MLIRContext &context, const SourceManager &sources, const FrontendOptions &options,
              DiagnosticEngine &diags)
      : context(context), sources(sources), options(options), diags(diags) {}

  mlir::MLIRContext &context;
  const SourceManager &sources;
  const FrontendOptions &options;
  DiagnosticEngine &diags;
  /// File-level consts; those with errors are missing.
  llvm::DenseMap<const ast::ConstItem *, TypedConstant> consts;
  /// Names of the dim symbols of the kernels so far.
  llvm::StringSet<> usedDims;
  /// Dims without whose values something was left out.
  llvm::SetVector<llvm::StringRef> missingDims;
};

/// An argument of a call, evaluated unless it is a lambda, a word or a string.
struct CallArg {
  llvm::StringRef name;
  const ast::Expr *expr = nullptr;
  Val val;
  SourceRange range() const { return expr->range(); }
};

/// The arguments of a call of a builtin, sorted into positional ones and options.
struct CallArgs {
  const ast::CallExpr *call = nullptr;
  llvm::SmallVector<CallArg, 4> positional;
  llvm::SmallVector<CallArg, 2> named;

  const CallArg *option(llvm::StringRef name) const;
  SourceRange range() const { return call->range(); }
};

/// A sequential loop, or grid, around the statements that are being generated.
struct LoopFrame {
  bool isGrid = false;
  bool hasBreak = false;
  bool hasContinue = false;
  /// i1 flags: the loop is over; this iteration is over.
  Binding broken, exited;
};

/// What a region takes in and gives back: variables and the tokens of arrays.
struct Carried {
  llvm::SmallVector<Binding *> vars;
  /// Token slots, and whether the region may write the array.
  llvm::SmallVector<std::pair<unsigned, bool>> slots;

  bool empty() const { return vars.empty() && slots.empty(); }
};

/// The tokens of one array's accesses so far in this iteration: the last write, and the reads since.
struct TokenState {
  mlir::Value last;
  llvm::SmallVector<mlir::Value, 2> since;
};

/// An array subscript form, ready for a memory op.
struct Access {
  const Array *array = nullptr;
  llvm::SmallVector<mlir::Value, 4> subscripts;
  Dims dims;
};

/// How an access is ordered.
struct AccessOrder {
  tile::MemoryOrder order = tile::MemoryOrder::weak;
  tile::MemoryScope scope = tile::MemoryScope::device;
  /// The tokens of `after=`, which then are all that the access comes after; without, it keeps program order.
  std::optional<llvm::SmallVector<mlir::Value, 4>> after = std::nullopt;

  bool acquires() const { return order == tile::MemoryOrder::acquire || order == tile::MemoryOrder::acq_rel; }
  bool releases() const { return order == tile::MemoryOrder::release || order == tile::MemoryOrder::acq_rel; }
};

class Elaborator {
public:
  Elaborator(Elaboration &compilation, const FileScope &file);

  /// Generates the kernel at the end of `module`. False after an error.
  bool elaborate(const ast::KernelItem &item, mlir::ModuleOp module);

  /// The builtins; each gets arguments whose number the table has checked. See Builtins.cpp for who is who.
  Val emitUnaryMath(const Builtin &, const CallArgs &);
  Val emitBinaryMath(const Builtin &, const CallArgs &);
  Val emitMinMax(const Builtin &, const CallArgs &);
  Val emitClamp(const Builtin &, const CallArgs &);
  Val emitWhere(const Builtin &, const CallArgs &);
  Val emitFma(const Builtin &, const CallArgs &);
  /// fma of narrow floats where every operation rounds to its type, once.
  Val narrowFma(llvm::ArrayRef<Val> operands, llvm::ArrayRef<SourceRange> ranges, ElementType type, SourceRange where);
  Val emitReduction(const Builtin &, const CallArgs &);
  Val emitArgReduction(const Builtin &, const CallArgs &);
  Val emitCustomReduce(const Builtin &, const CallArgs &);
  Val emitScan(const Builtin &, const CallArgs &);
  Val emitCustomScan(const Builtin &, const CallArgs &);
  Val emitSort(const Builtin &, const CallArgs &);
  Val emitTopK(const Builtin &, const CallArgs &);
  Val emitDot(const Builtin &, const CallArgs &);
  Val emitDotScaled(const Builtin &, const CallArgs &);
  Val emitFill(const Builtin &, const CallArgs &);
  Val emitArange(const Builtin &, const CallArgs &);
  Val emitRand(const Builtin &, const CallArgs &);
  Val emitBitcast(const Builtin &, const CallArgs &);
  Val emitReshape(const Builtin &, const CallArgs &);
  Val emitPermute(const Builtin &, const CallArgs &);
  Val emitBroadcast(const Builtin &, const CallArgs &);
  Val emitCat(const Builtin &, const CallArgs &);
  Val emitSplit(const Builtin &, const CallArgs &);
  Val emitLoad(const Builtin &, const CallArgs &);
  Val emitStore(const Builtin &, const CallArgs &);
  Val emitAtomic(const Builtin &, const CallArgs &);
  Val emitTile(const Builtin &, const CallArgs &);
  Val emitArray(const Builtin &, const CallArgs &);
  Val emitPrint(const Builtin &, const CallArgs &);
  Val emitAssert(const Builtin &, const CallArgs &);
  Val emitToken(const Builtin &, const CallArgs &);
  Val emitJoin(const Builtin &, const CallArgs &);

private:
  enum class Level { Kernel, Grid, Combine };
  enum class Flow { Next, Ended };

  //===--- Drafts (Elaborator.cpp) ------------------------------------------------------------------------------===//
  /// Takes back the diagnostics but the first `numDiagnostics` and the body of the kernel, if dims have no value: what
  /// is an error for a dim that may be anything (a dim that meets a number, say) can be right for its value.
  void leaveOutBody(size_t numDiagnostics);

  //===--- Errors (Elaborator.cpp) ------------------------------------------------------------------------------===//
  /// Reports an error, with a note for each call that led here.
  Diagnostic &report(SourceRange range, const llvm::Twine &sentence);
  Val error(SourceRange range, const llvm::Twine &sentence);
  /// Reports the first time that something nests too deeply.
  Val tooDeep(SourceRange range, const llvm::Twine &sentence);
  /// How a message calls a value: `an f32 tile [i, 64]`, `array 'A'`.
  std::string describe(const Val &val) const;
  static std::string describe(llvm::ArrayRef<Dim> dims);
  /// A dim in a sentence: `'i'` or `64`.
  static std::string quoted(const Dim &dim);
  /// What to say of a call that gives nothing where a value is needed.
  std::string noValue(SourceRange call) const;

  //===--- Kernels (ElaborateKernel.cpp)
  //----------------------------------------------------------------------------===//
  bool bindTypeParams();
  bool bindConstParams();
  std::optional<TypedConstant> evalConst(const ast::Expr *expr);
  void collectSymbols();
  void declareParams();
  std::optional<ElementType> elementTypeOf(const ast::Param &param);
  /// A dim of a parameter over the symbols; null after an error.
  mlir::AffineExpr dimOf(const ast::Expr *expr);
  void bindSymbols();
  void createKernel(mlir::ModuleOp module, mlir::DictionaryAttr baked);
  /// The configs of the attributes, checked against the indices and tunables of the body.
  mlir::DictionaryAttr bakedConfigs(const BodyUse &use);
  void checkConfigValue(const ast::Argument &arg, int64_t value, const BodyUse &use);
  /// Names in `tile.unreached` the indices and tunables of the body that compile-time conditions left out of the IR.
  void nameUnreached(const BodyUse &use);
  /// The values of a tunable that are known from its statement alone.
  std::optional<llvm::SmallVector<int64_t>> tunableValues(const ast::TuneStmt &statement);
  mlir::Value symbolValue(unsigned symbol);

  //===--- Values (ElaborateValues.cpp)
  //-----------------------------------------------------------------------------===//
  mlir::Location loc(SourceRange range);
  mlir::Type irTypeOf(ElementType type) { return irType(context, type); }
  mlir::Type tileType(const Dims &dims, mlir::Type element);
  /// Emits at the top of the kernel, after what already is there.
  template <typename OpTy, typename... Args> OpTy createInPrologue(Args &&...args);
  mlir::Value indexConstant(int64_t value);
  mlir::Value constantOf(mlir::TypedAttr attr);
  mlir::Value constantOf(const Constant &value, ElementType type);
  mlir::Value intConstant(int64_t value, mlir::Type type);
  mlir::Value dimValue(mlir::AffineExpr expr);
  mlir::Value extentValue(const Extent &extent);
  Dim numberDim(int64_t size);
  Dim wholeDim(const Extent &extent);
  mlir::Value numberRange(int64_t size);
  /// The range [0, size) of a size that the config will give.
  mlir::Value configRange(mlir::Value size);
  mlir::Value rangeOf(const Dim &dim);
  llvm::SmallVector<mlir::Value> rangesOf(llvm::ArrayRef<Dim> dims);
  const TileIndex *addTileIndex(llvm::StringRef name, mlir::Value range, mlir::Value lower, mlir::Value upper,
                                mlir::Value size, bool exact);

  /// A literal alone gets its default type; everything else is unchanged.
  Val settleType(Val val, SourceRange where);
  /// Rounds a value that is carried in f32, gives a literal its type, and has an IR value.
  Val bound(Val val, SourceRange where);
  /// The scalar or tile in its own type.
  mlir::Value valueOf(const Val &val, mlir::Location where);
  /// The scalar or tile converted to `type`, which it widens to, in the type that `type` is computed in.
  mlir::Value computeValue(const Val &val, ElementType type, mlir::Location where);
  mlir::Value castValue(mlir::Value value, ElementType from, ElementType to, mlir::Location where);
  mlir::Value broadcastValue(mlir::Value value, llvm::ArrayRef<Dim> from, const Dims &to, mlir::Location where);
  /// An integer scalar as an `index`.
  mlir::Value indexOf(const Val &val, mlir::Location where);
  /// `val as type`.
  Val convertVal(const Val &val, ElementType type, SourceRange where);
  /// The value in exactly `type` and `dims`, widened and broadcast; null after an error. `what` is stored: "stored in
  /// 'C'".
  mlir::Value coerce(const Val &val, ElementType type, const Dims &dims, SourceRange where, const llvm::Twine &what,
                     SourceRange declared);

  //===--- Tokens (ElaborateTokens.cpp)
  //-----------------------------------------------------------------------------===//
  /// What the region's statements may change or touch outside.
  Carried carriedBy(const BodyUse &use, bool withFlags = true);
  BodyUse newUse() const;
  llvm::SmallVector<mlir::Type> typesOf(const Carried &carried);
  llvm::SmallVector<mlir::Value> read(const Carried &carried, mlir::Location where);
  void write(const Carried &carried, mlir::ValueRange values);
  mlir::Value join(llvm::ArrayRef<mlir::Value> tokens, mlir::Location where);
  llvm::SmallVector<mlir::Value> accessAfter(const Array &array, bool writes, const AccessOrder &order);
  void recordAccess(const Array &array, bool writes, const AccessOrder &order, mlir::Value token, mlir::Location where);
  void recordTokenedAccess(const Array &array, bool writes, const AccessOrder &order, mlir::Value token,
                           mlir::Location where);
  /// The token, or tokens if it is a list, of an option; false after an error.
  bool tokensOf(const CallArg &arg, llvm::SmallVectorImpl<mlir::Value> &found);
  /// The token that `val` is; null after an error.
  mlir::Value tokenOf(const Val &val, SourceRange range);
  void collectSlots(const Val &val, bool stored, llvm::MapVector<unsigned, bool> &slots);

  //===--- Statements (ElaborateStmt.cpp)
  //---------------------------------------------------------------------------===//
  Flow emitBlock(const ast::Block &block);
  Flow emitStatements(llvm::ArrayRef<const ast::Stmt *> statements);
  Flow emitStatement(const ast::Stmt &statement);
  void emitBind(const ast::BindStmt &statement);
  void bindPattern(const ast::Pattern &pattern, Val val, SourceRange valueRange, bool isVar);
  void emitAssign(const ast::AssignStmt &statement);
  void assignVar(const ast::AssignStmt &statement, const ast::NameExpr &target);
  void assignElements(const ast::AssignStmt &statement, const ast::SubscriptExpr &target);
  Flow emitIf(const ast::IfStmt &statement);
  /// `if condition` with what `carried` says as results.
  void emitScfIf(mlir::Location where, mlir::Value condition, const Carried &carried,
                 llvm::function_ref<void()> thenBody, llvm::function_ref<void()> elseBody);
  void emitTune(const ast::TuneStmt &statement);
  Flow emitJump(SourceRange range, bool isBreak);
  /// The condition as i1; null after an error.
  Val emitCondition(const ast::Expr *expr);

  //===--- Loops (ElaborateLoops.cpp)
  //-------------------------------------------------------------------------------===//
  struct LoopDim {
    llvm::StringRef name;
    SourceRange nameRange;
    mlir::Value lower, upper, step;
    /// Of a tile dim: its size where it is known.
    int64_t size = mlir::ShapedType::kDynamic;
  };
  void emitFor(const ast::ForStmt &loop);
  bool loopDims(const ast::ForStmt &loop, llvm::StringRef label, llvm::SmallVectorImpl<LoopDim> &dims, bool &exact);
  bool rangeDim(const ast::ForStmt &loop, LoopDim &dim, bool &isAscending);
  bool tileBounds(const ast::Expr *expr, mlir::Value &lower, mlir::Value &upper);
  mlir::Value tileSize(const ast::Expr *expr, const ast::Name &name, llvm::StringRef label, int64_t &size);
  void checkExact(const LoopDim &dim, SourceRange where);
  void emitGrid(const ast::ForStmt &loop, llvm::StringRef label, llvm::ArrayRef<LoopDim> dims, bool exact);
  void emitSequential(const ast::ForStmt &loop, llvm::ArrayRef<LoopDim> dims, bool exact, bool isAscending);
  /// A loop over [lower, upper) by a positive step.
  void emitCounted(mlir::Location where, mlir::Value lower, mlir::Value upper, mlir::Value step, LoopFrame &frame,
                   const Carried &carried, llvm::function_ref<void(mlir::Value)> body);
  void emitWhile(const ast::WhileStmt &loop);
  void emitLoopBody(const ast::Block &body, LoopFrame &frame, llvm::function_ref<void()> bindIndices);
  mlir::Value flagValue(bool value);

  //===--- Expressions (ElaborateExpr.cpp)
  //----------------------------------------------------------------------------===//
  Val eval(const ast::Expr *expr);
  /// A scalar or tile; anything else is an error.
  Val evalValue(const ast::Expr *expr);
  Val evalScalar(const ast::Expr *expr, llvm::StringRef what);
  /// An integer that is known at compile time.
  std::optional<int64_t> evalInt(const ast::Expr *expr, llvm::StringRef what);
  std::optional<ElementType> evalType(const ast::Expr *expr);
  Val requireValue(Val val, SourceRange range);
  Val evalName(const ast::NameExpr &expr);
  Val evalItem(const ast::Item &item, const ast::NameExpr &expr);
  Val evalMember(const ast::MemberExpr &expr);
  Val evalTileIndexMember(const TileIndex &index, const ast::MemberExpr &expr);
  Val evalShape(const Val &base);
  Val evalUnary(const ast::UnaryExpr &expr);
  Val evalBinary(const ast::BinaryExpr &expr);
  Val evalLogical(const ast::BinaryExpr &expr);
  Val evalSubscript(const ast::SubscriptExpr &expr);
  Val subscriptTile(Val base, const ast::SubscriptExpr &expr);
  Val shiftIndex(const ast::BinaryExpr &expr, Val lhs, Val rhs);
  /// `lhs + (a @ b)` as one dot with an accumulator, where it is one.
  std::optional<Val> fuseDot(const ast::BinaryExpr &expr);
  const ast::Expr *asMatMul(const ast::Expr *expr);
  /// The product `expr`, a MatMul or a call of dot without `acc`, added to `acc` where it may be.
  Val evalMatMul(const ast::Expr *expr, const Val *acc, SourceRange where);

  //===--- Operators (ElaborateOperators.cpp)
  //-------------------------------------------------------------------------===//
  /// Brings scalars and tiles to one element type: literals adapt, the rest promotes. Nothing after an error.
  std::optional<ElementType> unify(llvm::MutableArrayRef<Val> operands, llvm::ArrayRef<SourceRange> ranges,
                                   const llvm::Twine &what, SourceRange where);
  /// The dims in which the operands meet. Nothing after an error.
  std::optional<Dims> meet(llvm::ArrayRef<Val> operands, llvm::ArrayRef<SourceRange> ranges, const llvm::Twine &what,
                           SourceRange where);
  using EmitElementwise = llvm::function_ref<mlir::Value(mlir::Location, llvm::ArrayRef<mlir::Value>)>;
  /// Computes on operands of `type`, giving elements of `result`.
  Val elementwise(llvm::ArrayRef<Val> operands, llvm::ArrayRef<SourceRange> ranges, ElementType type,
                  ElementType result, const llvm::Twine &what, SourceRange where, EmitElementwise emit);
  Val binary(ast::BinaryOp op, Val lhs, Val rhs, SourceRange where, SourceRange lhsRange, SourceRange rhsRange);
  Val minMax(bool isMax, Val lhs, Val rhs, SourceRange where, SourceRange lhsRange, SourceRange rhsRange);
  Val unary(ast::UnaryOp op, Val operand, SourceRange where, SourceRange operandRange);
  /// Whether the remainder that has the dividend's sign takes on the divisor's by adding it.
  mlir::Value remainderMoves(mlir::Location where, mlir::Value rest, mlir::Value divisor);
  /// base ** exponent modulo the width of an unsigned type.
  mlir::Value unsignedPower(ElementType type, mlir::Location where, mlir::Value base, mlir::Value exponent);
  mlir::Value emitArith(ast::BinaryOp op, ElementType type, mlir::Location where, mlir::Value lhs, mlir::Value rhs);
  mlir::Value emitMinMax(bool isMax, ElementType type, mlir::Location where, mlir::Value lhs, mlir::Value rhs);
  /// The product of `lhs` and `rhs` added to `acc`, which may be null. With an `accRange`, `acc` is an argument that
  /// must have the product's type and dims; without, it is the other operand of a sum and may need promotion or
  /// broadcasting.
  Val matMul(const Val &lhs, const Val &rhs, const Val *acc, SourceRange accRange, tile::DotPrecision precision,
             SourceRange where, SourceRange lhsRange, SourceRange rhsRange);
  bool foldDimExpr(ast::BinaryOp op, const Val &lhs, const Val &rhs, Val &result);

  //===--- Memory (ElaborateMemory.cpp)
  //-------------------------------------------------------------------------------===//
  std::optional<Access> emitAccess(const Val &base, const ast::SubscriptExpr &expr, bool writes);
  /// The access that an argument of load, store or an atomic spells.
  std::optional<Access> accessArgument(const CallArg &arg, bool writes, llvm::StringRef callee);
  bool addSubscript(Access &access, const Extent &extent, const ast::Expr *expr,
                    llvm::SmallVectorImpl<std::pair<unsigned, Val>> &tiles, std::optional<size_t> &gatheredAt);
  /// The value; with `after=`, a tuple of the value and its token.
  Val emitLoadOp(const Access &access, mlir::Value mask, mlir::Value pad, const AccessOrder &order, SourceRange where);
  /// Nothing; with `after=`, the token.
  Val emitStoreOp(const Access &access, const Val &val, mlir::Value mask, const AccessOrder &order, SourceRange where,
                  SourceRange valueRange);
  bool emitMask(const CallArgs &args, const Dims &dims, mlir::Value &mask);
  bool orderOptions(const CallArgs &args, AccessOrder &order, llvm::ArrayRef<llvm::StringRef> allowed);

  //===--- Calls (ElaborateCalls.cpp)
  //---------------------------------------------------------------------------------===//
  Val evalCall(const ast::CallExpr &call);
  Val callBuiltin(const Builtin &builtin, const ast::CallExpr &call);
  Val callFn(const ast::FnItem &fn, const ast::CallExpr &call);
  Val evalLambda(const ast::LambdaExpr &lambda, llvm::ArrayRef<Val> args);
  /// The word of an option such as `order=relaxed`; empty after an error.
  llvm::StringRef wordOption(const CallArg &arg, llvm::ArrayRef<llvm::StringRef> allowed);
  std::optional<bool> boolOption(const CallArg *arg, bool otherwise);

  //===--- Dims given as arguments (BuiltinsShape.cpp)
  //------------------------------------------------------------------===//
  std::optional<Dims> dimsOf(llvm::ArrayRef<CallArg> args);
  bool addDim(const Val &val, SourceRange range, Dims &dims);
  std::optional<unsigned> axisOption(const CallArgs &args, const Val &tile, std::optional<unsigned> otherwise);
  std::optional<llvm::SmallVector<int64_t>> axesOption(const CallArgs &args, size_t rank);
  std::optional<int64_t> knownSize(const Dim &dim, SourceRange where, const llvm::Twine &what);
  Val fill(const Val &scalar, ElementType type, const Dims &dims, SourceRange where);

  //===--- Reductions (BuiltinsReduce.cpp)
  //------------------------------------------------------------------------------===//
  using EmitCombine =
      llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Location, mlir::ValueRange lhs, mlir::ValueRange rhs)>;
  llvm::SmallVector<mlir::Value> reduceOp(llvm::ArrayRef<mlir::Value> tiles, const Dims &dims,
                                          llvm::ArrayRef<int64_t> axes, llvm::ArrayRef<mlir::Value> init,
                                          bool commutative, mlir::Location where, EmitCombine combine);
  llvm::SmallVector<mlir::Value> scanOp(llvm::ArrayRef<mlir::Value> tiles, const Dims &dims, unsigned axis,
                                        mlir::Location where, EmitCombine combine);
  /// The reduced value with its dims, those of 1 put back for `keep=true`.
  Val reduced(mlir::Value value, ElementType type, bool isWide, const Dims &dims, llvm::ArrayRef<int64_t> axes,
              bool keep, SourceRange where);
  /// The tile that a call of one value reduces; poison after an error.
  Val reducedTile(const Builtin &builtin, const CallArgs &args);
  /// For each element its position among the reduced dims, as i32.
  mlir::Value positionsOf(const Dims &dims, llvm::ArrayRef<int64_t> axes, mlir::Location where);
  Constant identityOf(llvm::StringRef reduction, ElementType type);
  mlir::Value combineBuiltin(llvm::StringRef reduction, ElementType type, mlir::Location where, mlir::Value lhs,
                             mlir::Value rhs);
  /// Emits the lambda's body between elements of `types`; false after an error.
  bool combineWith(const ast::LambdaExpr &lambda, bool isTuple, llvm::ArrayRef<ElementType> types, mlir::ValueRange lhs,
                   mlir::ValueRange rhs, llvm::SmallVectorImpl<mlir::Value> &results);
  bool tupleOfTiles(const CallArg &arg, llvm::SmallVectorImpl<Val> &tiles, bool &isTuple, Dims &dims);

  Elaboration &compilation;
  mlir::MLIRContext *context;
  mlir::OpBuilder builder;
  DiagnosticEngine &diags;

  // The kernel.
  const ast::KernelItem *item = nullptr;
  tile::KernelOp kernel;
  mlir::Block *entry = nullptr;
  mlir::Operation *lastInPrologue = nullptr;
  bool failedBefore = false;

  // Names.
  const FileScope *file;
  Scope *scope = nullptr;
  /// What let or var the value is for, so that arrays and tiles can be named.
  llvm::StringRef bindingName;
  struct Frame {
    const ast::FnItem *fn;
    SourceRange call;
  };
  llvm::SmallVector<Frame> callStack;
  unsigned numInlined = 0;
  unsigned exprDepth = 0;
  unsigned blockDepth = 0;
  bool isTooDeep = false;

  // Dims.
  llvm::MapVector<llvm::StringRef, unsigned> symbols;
  llvm::SmallVector<SourceRange> symbolRanges;
  llvm::SmallVector<std::optional<int64_t>> symbolBound;
  llvm::StringSet<> misusedInDims;
  struct SymbolSource {
    unsigned param = 0;
    unsigned dim = 0;
    /// extent = factor * symbol + offset.
    int64_t factor = 1, offset = 0;
    bool isBound = false;
  };
  llvm::SmallVector<SymbolSource> symbolSources;
  llvm::DenseMap<unsigned, mlir::Value> symbolValues;

  // Parameters.
  struct ParamDecl {
    const ast::Param *param;
    ElementType type;
    Array *array = nullptr;
    bool isResult = false;
  };
  llvm::SmallVector<ParamDecl> params;
  std::deque<Array> arrays;
  std::deque<TileIndex> tileIndices;
  llvm::DenseMap<mlir::Value, const TileIndex *> indexOfRange;

  // What the prologue has already.
  llvm::DenseMap<int64_t, mlir::Value> indexConstants;
  llvm::DenseMap<mlir::Attribute, mlir::Value> constants;
  llvm::DenseMap<mlir::AffineExpr, mlir::Value> dimValues;
  llvm::DenseMap<int64_t, mlir::Value> numberRanges;
  llvm::DenseMap<mlir::AffineExpr, mlir::Value> wholeRanges;
  llvm::DenseMap<mlir::Value, mlir::Value> configRanges;
  llvm::DenseMap<mlir::Value, mlir::Value> configIndices;

  // Control.
  Level level = Level::Kernel;
  LoopFrame *frame = nullptr;
  unsigned numGrids = 0;
  unsigned numLoops = 0;
  const ast::Stmt *lastOfFn = nullptr;
  std::optional<Val> returned;

  // Tokens. Slot 0 stands for all accesses, if any is an acquire or a release.
  bool usesSync = false;
  llvm::SmallVector<TokenState> tokens;
  /// What the iteration of the grid starts with.
  mlir::Value gridEntry;
  llvm::SmallVector<mlir::Value> gridTokens;
};

template <typename OpTy, typename... Args> OpTy Elaborator::createInPrologue(Args &&...args) {
  mlir::OpBuilder::InsertionGuard guard(builder);
  if (lastInPrologue)
    builder.setInsertionPointAfter(lastInPrologue);
  else
    builder.setInsertionPointToStart(entry);
  OpTy op = OpTy::create(builder, kernel.getLoc(), std::forward<Args>(args)...);
  lastInPrologue = op;
  return op;
}

} // namespace tilec

#endif // TILEC_LIB_FRONTEND_ELABORATOR_H
