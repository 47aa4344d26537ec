//===- CPUTarget.cpp - x86-64 processors ---*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The machines that kernels are compiled for, the passes that lower to them, and the way from the LLVM dialect to an
// optimised llvm::Module.

#include "tilec/Target/CPU/CPUTarget.h"

#include "dialects/Tile/Tile.h"
#include "tilec/Conversion/Passes.h"
#include "tilec/Runtime/KernelABI.h"
#include "tilec/Runtime/MachineCheck.h"

#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/Transforms/Passes.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/Transforms/InstCombine/InstCombine.h"
#include "llvm/Transforms/Scalar/EarlyCSE.h"
#include "llvm/Transforms/Scalar/LICM.h"
#include "llvm/Transforms/Scalar/LoopPassManager.h"
#include "llvm/Transforms/Scalar/SROA.h"
#include "llvm/Transforms/Scalar/SimplifyCFG.h"

using namespace mlir;
using namespace tilec;

//===----------------------------------------------------------------------===//
// Machines
//===----------------------------------------------------------------------===//

namespace {
/// The extensions that the numbers of a machine depend on.
struct Extensions {
  bool avx512 = false, vnni = false, bf16 = false, amx = false;
  /// Whether Intel made it.
  bool isIntels = false;
};

/// Bytes of the data caches of one core.
struct CacheSizes {
  int64_t l1, l2;
};
} // namespace

/// The caches of common machines of a name: Zen 3, Zen 4 and Sapphire Rapids. Code that may run on several machines is
/// the same wherever it is compiled.
static constexpr CacheSizes cachesOfV3 = {32 * 1024, 512 * 1024}, cachesOfV4 = {32 * 1024, 1024 * 1024},
                            cachesOfSapphireRapids = {48 * 1024, 2048 * 1024};

/// The caches of this machine, or `usual` ones where it does not tell.
static CacheSizes findCaches(const CacheSizes &usual) {
  int64_t l1 = tilec_cache_bytes(1), l2 = tilec_cache_bytes(2);
  return l1 && l2 ? CacheSizes{l1, l2} : usual;
}

/// AMX. A configuration is that of palette 1: its number, and of each of eight tiles the bytes of a row, as 16 bits,
/// and the rows, as 8 (Intel's manual, volume 2, LDTILECFG).
static MatrixInstructions makeMatrices() {
  MatrixInstructions matrices;
  matrices.configure = "llvm.x86.ldtilecfg", matrices.release = "llvm.x86.tilerelease";
  matrices.load = "llvm.x86.tileloadd64", matrices.loadPassing = "llvm.x86.tileloaddt164";
  matrices.store = "llvm.x86.tilestored64", matrices.zero = "llvm.x86.tilezero";
  matrices.multiplyBytes[0][0] = "llvm.x86.tdpbssd", matrices.multiplyBytes[0][1] = "llvm.x86.tdpbsud";
  matrices.multiplyBytes[1][0] = "llvm.x86.tdpbusd", matrices.multiplyBytes[1][1] = "llvm.x86.tdpbuud";
  matrices.multiplyBF16 = "llvm.x86.tdpbf16ps";
  constexpr size_t bytes = 64, rowBytesAt = 16, rowCountsAt = 48;
  matrices.rowCountsAt = rowCountsAt, matrices.rowBytesAt = rowBytesAt;
  matrices.configuration.assign(bytes, 0);
  matrices.configuration[0] = 1;
  for (size_t tile = 0; tile < MatrixInstructions::registers; ++tile) {
    matrices.configuration[rowBytesAt + 2 * tile] = static_cast<uint8_t>(matrices.rowBytes);
    matrices.configuration[rowCountsAt + tile] = static_cast<uint8_t>(matrices.rows);
  }
  return matrices;
}

static TargetSpec makeSpec(StringRef arch, const Extensions &has, const CacheSizes &caches) {
  using Operands = DotInstruction::Operands;
  TargetSpec spec;
  spec.arch = arch.str();
  spec.vectorBytes = has.avx512 ? 64 : 32;
  spec.vectorRegisters = has.avx512 ? 32 : 16;
  spec.leastMaskedBytes = has.avx512 ? 1 : 4;
  spec.permute = has.avx512 ? "llvm.x86.avx512.permvar.sf.512" : "llvm.x86.avx2.permps";
  spec.scaleByPower = has.avx512 ? "llvm.x86.avx512.mask.scalef.ps.512" : "";
  spec.l1Bytes = caches.l1;
  spec.l2Bytes = caches.l2;
  spec.leastLastCacheBytes = TILEC_LEAST_LAST_CACHE;
  spec.farLastCache = has.avx512 && has.isIntels;
  // Of AVX2 there is another one for bytes, but it saturates.
  if (has.avx512 && has.vnni)
    spec.dotInstructions.push_back({Operands::U8AndS8, 4, "llvm.x86.avx512.vpdpbusd.512"});
  spec.dotInstructions.push_back({Operands::S16, 2,
                                  has.avx512 ? "llvm.x86.avx512.pmaddw.d.512" : "llvm.x86.avx2.pmadd.wd",
                                  /*takesSums=*/false});
  if (has.avx512 && has.bf16)
    spec.dotInstructions.push_back({Operands::BF16, 2, "llvm.x86.avx512bf16.dpbf16ps.512"});
  if (has.amx)
    spec.matrices = makeMatrices();
  return spec;
}

llvm::Expected<std::unique_ptr<CPUTarget>> CPUTarget::create(StringRef arch) {
  bool isNative = arch == "native";
  llvm::StringMap<bool> features;
  if (isNative)
    features = llvm::sys::getHostCPUFeatures();
  else if (std::optional<int32_t> level = machineLevelOf(arch))
    for (StringRef name : featuresOf(*level, /*usesF16=*/true, /*withMatrices=*/true))
      features[name] = true;
  else
    return llvm::createStringError("the CPU target does not know the arch '" + arch +
                                   "'; it knows native, x86-64-v3, x86-64-v4, znver4 and sapphirerapids");
  auto has = [&](std::initializer_list<StringRef> names) {
    return llvm::all_of(names, [&](StringRef name) { return features.lookup(name); });
  };
  if (!has({"avx2", "fma", "f16c"}))
    return llvm::createStringError("this machine has no AVX2, FMA and F16C, which the CPU target needs");
  Extensions found{has({"avx512f", "avx512vl", "avx512bw", "avx512dq"}), has({"avx512vnni"}), has({"avx512bf16"})};
  found.amx = found.avx512 && found.vnni && found.bf16 && has({"amx-tile", "amx-int8", "amx-bf16"});
  // Nobody else makes machines with AMX.
  found.isIntels = found.amx || (isNative && llvm::sys::detail::x86::getVendorSignature() ==
                                                 llvm::sys::detail::x86::VendorSignatures::GENUINE_INTEL);
  // The system may refuse its use here.
  if (isNative && found.amx)
    found.amx = tilec_permit_matrices() == TILEC_OK;
  const CacheSizes &usual = found.amx ? cachesOfSapphireRapids : found.avx512 ? cachesOfV4 : cachesOfV3;
  return std::unique_ptr<CPUTarget>(new CPUTarget(makeSpec(arch, found, isNative ? findCaches(usual) : usual)));
}

//===----------------------------------------------------------------------===//
// Lowering
//===----------------------------------------------------------------------===//

void CPUTarget::registerDialects(DialectRegistry &registry) const {
  registry.insert<tile::TileDialect, arith::ArithDialect, math::MathDialect, memref::MemRefDialect, scf::SCFDialect,
                  cf::ControlFlowDialect, vector::VectorDialect, LLVM::LLVMDialect>();
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
}

void CPUTarget::buildLowering(OpPassManager &pm, const LoweringOptions &options) const {
  // 1. Loops over vectors and elements, in functions of their own.
  pm.addPass(createTileToLoopsPass(data, options.excessPrecision, options.deterministic));
  // 2. The symbols that callers see: before the loops become branches, because the checks of a call branch, too.
  pm.addPass(createCPUEntryPointsPass());
  // 3. Address arithmetic that several accesses share is written once.
  pm.addPass(createCSEPass());
  // 4. Structured control flow to branches, then everything to LLVM.
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(createCPUToLLVMPass());
  // 5. Lines need a scope.
  if (options.debugInfo)
    pm.addPass(LLVM::createDIScopeForLLVMFuncOpPass());
}

void tilec::registerCPUPasses() {
  registerPass([] { return createCPUEntryPointsPass(); });
  registerPass([] { return createCPUToLLVMPass(); });
}

//===----------------------------------------------------------------------===//
// Translation
//===----------------------------------------------------------------------===//

/// A short pipeline: the loops are in the form that we want already, what is left is to fold and share.
static void optimise(llvm::Module &module, unsigned level) {
  if (level == 0)
    return;
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  llvm::FunctionPassManager passes;
  passes.addPass(llvm::SROAPass(llvm::SROAOptions::ModifyCFG));
  passes.addPass(llvm::EarlyCSEPass(/*UseMemorySSA=*/false));
  passes.addPass(llvm::InstCombinePass());
  passes.addPass(llvm::SimplifyCFGPass());
  if (level >= 2) {
    passes.addPass(llvm::createFunctionToLoopPassAdaptor(llvm::LICMPass(llvm::LICMOptions()), /*UseMemorySSA=*/true));
    passes.addPass(llvm::EarlyCSEPass(/*UseMemorySSA=*/true));
  }
  llvm::ModulePassManager all;
  all.addPass(llvm::createModuleToFunctionPassAdaptor(std::move(passes)));
  all.run(module, modules);
}

/// The only lane of a constant mask that is set; -1 if there are others, or none.
static int64_t onlyLane(llvm::Value *mask) {
  auto *constant = llvm::dyn_cast<llvm::Constant>(mask);
  if (!constant)
    return -1;
  int64_t found = -1;
  for (unsigned lane = 0; lane < llvm::cast<llvm::FixedVectorType>(mask->getType())->getNumElements(); ++lane) {
    llvm::Constant *element = constant->getAggregateElement(lane);
    if (!element || element->isNullValue())
      continue;
    if (found >= 0)
      return -1;
    found = lane;
  }
  return found;
}

/// Stores of one constant lane become stores of an element. LLVM 22 stores all bytes of what the lane was before it was
/// truncated, if it was.
static void storeSingleLanes(llvm::Module &module) {
  enum { kValue, kAddress, kMask }; // Of the arguments of a masked store.
  for (llvm::Function &function : module)
    for (llvm::Instruction &instruction : llvm::make_early_inc_range(llvm::instructions(function))) {
      auto *store = llvm::dyn_cast<llvm::IntrinsicInst>(&instruction);
      if (!store || store->getIntrinsicID() != llvm::Intrinsic::masked_store)
        continue;
      int64_t lane = onlyLane(store->getArgOperand(kMask));
      if (lane < 0)
        continue;
      llvm::IRBuilder<> builder(store);
      llvm::Value *element = builder.CreateExtractElement(store->getArgOperand(kValue), lane);
      llvm::Value *address = builder.CreateConstGEP1_64(element->getType(), store->getArgOperand(kAddress), lane);
      builder.CreateAlignedStore(element, address, llvm::Align(1));
      store->eraseFromParent();
    }
}

/// Who compiled, and the folder where: debuggers look for the source from there, wherever they run.
static void completeDebugInfo(llvm::Module &module) {
  enum { kFile, kProducer }; // Of DICompileUnit's operands.
  SmallString<128> folder;
  bool known = !llvm::sys::fs::current_path(folder);
  llvm::LLVMContext &context = module.getContext();
  for (llvm::DICompileUnit *unit : module.debug_compile_units()) {
    unit->replaceOperandWith(kProducer, llvm::MDString::get(context, "tilec"));
    if (!known)
      continue;
    SmallString<128> path(unit->getDirectory());
    llvm::sys::path::append(path, unit->getFilename());
    unit->replaceOperandWith(kFile, llvm::DIFile::get(context, path, folder));
  }
}

FailureOr<std::unique_ptr<llvm::Module>> CPUTarget::translate(ModuleOp module, llvm::LLVMContext &context,
                                                              const LoweringOptions &options) const {
  std::unique_ptr<llvm::Module> result =
      translateModuleToLLVMIR(module, context, "tilec", /*disableVerification=*/true);
  if (!result)
    return module.emitError() << "the module cannot be translated to LLVM IR";
  for (llvm::Function &function : *result)
    function.setDoesNotThrow();
  if (options.debugInfo)
    completeDebugInfo(*result);
  optimise(*result, options.optLevel);
  storeSingleLanes(*result);
  return std::move(result);
}
