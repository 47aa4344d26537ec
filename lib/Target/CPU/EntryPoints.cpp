//===- EntryPoints.cpp - what a compiled kernel exports ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// This file implements the pass cpu-entry-points. For each kernel K that tile-to-loops has lowered to `K.run`, it
// writes the symbols of tilec/Runtime/KernelABI.h: K, K_workspace_size, K_with_workspace and K_descriptor. Every one
// checks its arguments before anything else.

#include "tilec/Target/CPU/CPUTarget.h"

#include "tilec/Runtime/KernelNames.h"
#include "tilec/Target/CPU/Signature.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Pass/Pass.h"

using namespace mlir;
using namespace tilec;

namespace {
/// Writes the entry points of one kernel.
class EntryPoints {
public:
  EntryPoints(tile::KernelOp kernel, ModuleOp module)
      : b(kernel.getContext()), loc(kernel.getLoc()), kernel(kernel), module(module) {}

  LogicalResult emit();

private:
  /// What all entry points do first.
  struct Call {
    LLVM::LLVMFuncOp function;
    Value status, words, state, descriptor;
    SmallVector<Value> scalars;
  };
  Call begin(StringRef name, Type result, ArrayRef<Type> extra);
  void emitDescriptor(const KernelSignature &signature);
  void emitPlain();
  void emitWorkspaceSize();
  void emitWithWorkspace();

  Type ptr() { return LLVM::LLVMPointerType::get(b.getContext()); }
  Value constant(Type type, int64_t value) { return arith::ConstantOp::create(b, loc, b.getIntegerAttr(type, value)); }
  Value alloca(int64_t words) {
    return LLVM::AllocaOp::create(b, loc, ptr(), b.getI64Type(), constant(b.getI64Type(), std::max<int64_t>(words, 1)),
                                  8);
  }
  Value slot(Value base, int64_t index) {
    return LLVM::GEPOp::create(b, loc, ptr(), b.getI64Type(), base,
                               ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(index)});
  }
  Value call(StringRef name, Type result, ValueRange arguments);
  Value run(const Call &call, Value workspace, bool execute);
  bool usesMatrices();
  Value execute(const Call &call, Value workspace);
  Value noMemory();
  Value isZero(Value value) {
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, value, constant(value.getType(), 0));
  }
  /// `then` where `condition` holds, and `otherwise` elsewhere.
  Value choose(Value condition, Value otherwise, llvm::function_ref<Value()> then);

  OpBuilder b;
  Location loc;
  tile::KernelOp kernel;
  ModuleOp module;
  int64_t numWords = 0;
};
} // namespace

Value EntryPoints::call(StringRef name, Type result, ValueRange arguments) {
  auto function = module.lookupSymbol<LLVM::LLVMFuncOp>(name);
  if (!function) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    Type type = result ? result : LLVM::LLVMVoidType::get(b.getContext());
    SmallVector<Type> types(arguments.getTypes());
    function = LLVM::LLVMFuncOp::create(b, b.getUnknownLoc(), name, LLVM::LLVMFunctionType::get(type, types));
  }
  auto call = LLVM::CallOp::create(b, loc, function, arguments);
  return result ? call.getResult() : Value();
}

Value EntryPoints::choose(Value condition, Value otherwise, llvm::function_ref<Value()> then) {
  auto branch = scf::IfOp::create(b, loc, TypeRange(otherwise.getType()), condition, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  Value value = then();
  scf::YieldOp::create(b, loc, value);
  b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(b, loc, otherwise);
  return branch.getResult(0);
}

/// The type by which a scalar travels in C.
static Type abiType(Type type) {
  if (type.isIndex())
    return IntegerType::get(type.getContext(), 64);
  if (isa<FloatType>(type) && type.getIntOrFloatBitWidth() < 32)
    return IntegerType::get(type.getContext(), type.getIntOrFloatBitWidth());
  if (type.isInteger(1))
    return IntegerType::get(type.getContext(), 8);
  return type;
}

EntryPoints::Call EntryPoints::begin(StringRef name, Type result, ArrayRef<Type> extra) {
  SmallVector<Type> types;
  for (Type type : kernel.getArgumentTypes())
    types.push_back(isa<MemRefType>(type) ? ptr() : abiType(type));
  llvm::append_range(types, extra);
  b.setInsertionPoint(kernel);
  Call call;
  call.function = LLVM::LLVMFuncOp::create(b, loc, name, LLVM::LLVMFunctionType::get(result, types));
  b.setInsertionPointToStart(call.function.addEntryBlock(b));
  unsigned count = kernel.getNumArguments();
  Value arguments = alloca(count);
  call.words = alloca(numWords);
  // A TilecCallState: 4 words, zero.
  call.state = alloca(4);
  for (int64_t word = 0; word < 4; ++word)
    LLVM::StoreOp::create(b, loc, constant(b.getI64Type(), 0), slot(call.state, word), 8);
  for (unsigned number = 0; number < count; ++number) {
    Value argument = call.function.getArgument(number);
    if (isa<MemRefType>(kernel.getArgumentTypes()[number])) {
      LLVM::StoreOp::create(b, loc, argument, slot(arguments, number), 8);
      continue;
    }
    Type type = kernel.getArgumentTypes()[number];
    call.scalars.push_back(type.isF16() ? arith::BitcastOp::create(b, loc, type, argument).getResult() : argument);
  }
  call.descriptor = LLVM::AddressOfOp::create(b, loc, ptr(), (kernel.getSymName() + kDescriptorSuffix).str());
  call.status = this->call("tilec_check_args", b.getI32Type(), {call.descriptor, arguments, call.words});
  return call;
}

Value EntryPoints::run(const Call &call, Value workspace, bool execute) {
  SmallVector<Value> arguments{call.words};
  llvm::append_range(arguments, call.scalars);
  arguments.append({workspace, call.state, constant(b.getI1Type(), execute)});
  return this->call((kernel.getSymName() + ".run").str(), b.getI64Type(), arguments);
}

/// Whether the kernel's code configures AMX's tiles.
bool EntryPoints::usesMatrices() {
  // A kernel's functions have its name in front of a dot, which no name has.
  std::string prefix = (kernel.getSymName() + ".").str();
  return llvm::any_of(module.getOps<LLVM::LLVMFuncOp>(), [&](LLVM::LLVMFuncOp function) {
    if (!function.getSymName().starts_with(prefix))
      return false;
    auto found = function.walk([](LLVM::CallIntrinsicOp call) {
      return call.getIntrin() == "llvm.x86.ldtilecfg" ? WalkResult::interrupt() : WalkResult::advance();
    });
    return found.wasInterrupted();
  });
}

/// Executes the kernel, if the system lets it use the registers that it needs; the call's status.
Value EntryPoints::execute(const Call &call, Value workspace) {
  auto runWhole = [&] {
    run(call, workspace, true);
    return this->call("tilec_call_status", b.getI32Type(), {call.state});
  };
  if (!usesMatrices())
    return runWhole();
  Value permitted = this->call("tilec_permit_matrices", b.getI32Type(), {});
  return choose(isZero(permitted), permitted, runWhole);
}

void EntryPoints::emitDescriptor(const KernelSignature &signature) {
  std::vector<uint8_t> bytes = signature.serialize();
  b.setInsertionPoint(kernel);
  StringRef text(reinterpret_cast<const char *>(bytes.data()), bytes.size());
  auto type = LLVM::LLVMArrayType::get(b.getI8Type(), bytes.size());
  LLVM::GlobalOp::create(b, loc, type, /*isConstant=*/true, LLVM::Linkage::External,
                         (kernel.getSymName() + kDescriptorSuffix).str(), b.getStringAttr(text), /*alignment=*/8);
}

/// The text of a failed allocation.
Value EntryPoints::noMemory() {
  StringRef name = "tilec_text.memory";
  if (!module.lookupSymbol(name)) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    std::string text("there is no memory for the kernel's temporaries\0", 48);
    LLVM::GlobalOp::create(b, loc, LLVM::LLVMArrayType::get(b.getI8Type(), text.size()), /*isConstant=*/true,
                           LLVM::Linkage::Private, name, b.getStringAttr(text));
  }
  return LLVM::AddressOfOp::create(b, loc, ptr(), name);
}

/// K: with a workspace of its own.
void EntryPoints::emitPlain() {
  Call call = begin(kernel.getSymName(), b.getI32Type(), {});
  Value null = LLVM::ZeroOp::create(b, loc, ptr());
  Value status = choose(isZero(call.status), call.status, [&] {
    Value size = run(call, null, false);
    Value workspace = this->call("tilec_workspace_alloc", ptr(), {size});
    Value missing = LLVM::ICmpOp::create(b, loc, LLVM::ICmpPredicate::eq, workspace, null);
    Value needed = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, size, constant(size.getType(), 0));
    Value fails = arith::AndIOp::create(b, loc, missing, needed);
    Value works = arith::XOrIOp::create(b, loc, fails, constant(b.getI1Type(), 1));
    Value failure = choose(fails, constant(b.getI32Type(), 0), [&] {
      return this->call("tilec_fail", b.getI32Type(), {constant(b.getI32Type(), TILEC_ERR_MEMORY), noMemory()});
    });
    return choose(works, failure, [&] {
      Value result = execute(call, workspace);
      this->call("tilec_workspace_free", {}, {workspace});
      return result;
    });
  });
  LLVM::ReturnOp::create(b, loc, ValueRange{status});
}

/// K_workspace_size: bytes, or minus a status.
void EntryPoints::emitWorkspaceSize() {
  Call call = begin((kernel.getSymName() + kWorkspaceSizeSuffix).str(), b.getI64Type(), {});
  Value wide = arith::ExtSIOp::create(b, loc, b.getI64Type(), call.status);
  Value negative = arith::SubIOp::create(b, loc, constant(b.getI64Type(), 0), wide);
  Value size =
      choose(isZero(call.status), negative, [&] { return run(call, LLVM::ZeroOp::create(b, loc, ptr()), false); });
  LLVM::ReturnOp::create(b, loc, ValueRange{size});
}

/// K_with_workspace: with the caller's workspace, if it is large enough.
void EntryPoints::emitWithWorkspace() {
  Call call = begin((kernel.getSymName() + kWithWorkspaceSuffix).str(), b.getI32Type(), {ptr(), b.getI64Type()});
  unsigned count = kernel.getNumArguments();
  Value workspace = call.function.getArgument(count), size = call.function.getArgument(count + 1);
  Value status = choose(isZero(call.status), call.status, [&] {
    Value needed = run(call, LLVM::ZeroOp::create(b, loc, ptr()), false);
    Value fits = this->call("tilec_check_workspace", b.getI32Type(), {call.descriptor, workspace, size, needed});
    return choose(isZero(fits), fits, [&] { return execute(call, workspace); });
  });
  LLVM::ReturnOp::create(b, loc, ValueRange{status});
}

LogicalResult EntryPoints::emit() {
  FailureOr<KernelSignature> signature = buildSignature(kernel);
  if (failed(signature))
    return failure();
  numWords = static_cast<int64_t>(signature->numCallWords());
  emitDescriptor(*signature);
  emitWorkspaceSize();
  emitWithWorkspace();
  // For a moment the kernel and its function share a name; the verifier sees only the function.
  emitPlain();
  kernel.erase();
  return success();
}

namespace {
struct CPUEntryPoints : PassWrapper<CPUEntryPoints, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(CPUEntryPoints)

  StringRef getArgument() const override { return "cpu-entry-points"; }
  StringRef getDescription() const override { return "Give lowered kernels their entry points and descriptors"; }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, scf::SCFDialect, LLVM::LLVMDialect>();
  }

  void runOnOperation() override {
    for (auto kernel : llvm::make_early_inc_range(getOperation().getOps<tile::KernelOp>()))
      if (failed(EntryPoints(kernel, getOperation()).emit()))
        signalPassFailure();
  }
};
} // namespace

std::unique_ptr<Pass> tilec::createCPUEntryPointsPass() { return std::make_unique<CPUEntryPoints>(); }
