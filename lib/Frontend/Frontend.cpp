//===- Frontend.cpp - from .tile source to the tile dialect -----*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Parses a file and what it imports, evaluates file-level consts, and has the kernels elaborated.
//
//===----------------------------------------------------------------------===//

#include "tilec/Frontend/Frontend.h"

#include "Elaborator.h"
#include "tilec/Frontend/Parser.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Verifier.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace tilec;
using namespace tilec::ast;
using llvm::cast;
using llvm::dyn_cast;

std::optional<std::string> tilec::readFileFromDisk(llvm::StringRef path, std::string &error) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer) {
    error = buffer.getError().message();
    return std::nullopt;
  }
  return (*buffer)->getBuffer().str();
}

/// The name that an item introduces; null for imports.
static const Name *nameOf(const Item &item) {
  switch (item.kind()) {
  case Item::Kind::Import:
    return nullptr;
  case Item::Kind::Const:
    return &cast<ConstItem>(item).name;
  case Item::Kind::Fn:
    return &cast<FnItem>(item).name;
  case Item::Kind::Kernel:
    return &cast<KernelItem>(item).name;
  }
  return nullptr;
}

namespace {

/// The files of one compilation: parsed once each, their imports followed.
class Files {
public:
  Files(SourceManager &sources, const FrontendOptions &options, DiagnosticEngine &diags)
      : sources(sources), options(options), diags(diags) {}

  /// Parses the file and everything that it imports; null for a file that is being loaded (a cycle).
  FileScope *load(FileId file, llvm::StringRef path);
  /// All files, in the order in which they were loaded.
  llvm::ArrayRef<std::unique_ptr<FileScope>> all() const { return scopes; }

private:
  void addImport(FileScope &scope, const ImportItem &item, llvm::StringRef path);
  void declare(FileScope &scope, const Item &item, const FileScope &home, SourceRange where);

  SourceManager &sources;
  const FrontendOptions &options;
  DiagnosticEngine &diags;
  Context syntax;
  std::vector<std::unique_ptr<FileScope>> scopes;
  llvm::StringMap<FileScope *> byPath;
  /// The imports on the way to the file that is being loaded.
  llvm::SmallVector<std::pair<FileScope *, SourceRange>> loading;
};

} // namespace

void Files::declare(FileScope &scope, const Item &item, const FileScope &home, SourceRange where) {
  const Name *name = nameOf(item);
  if (!name)
    return;
  auto [entry, isNew] = scope.items.try_emplace(name->text, &item);
  if (isNew) {
    scope.home[&item] = &home;
    return;
  }
  if (entry->second == &item)
    return;
  diags.error(where, "the name '" + name->text + "' is taken").note(nameOf(*entry->second)->range, "declared here");
}

void Files::addImport(FileScope &scope, const ImportItem &item, llvm::StringRef path) {
  if (item.isStd()) {
    diags.error(item.pathRange, "'std' is not part of this version");
    return;
  }
  llvm::SmallString<128> resolved(item.path);
  if (!llvm::sys::path::is_absolute(resolved)) {
    resolved = llvm::sys::path::parent_path(path);
    llvm::sys::path::append(resolved, item.path);
  }
  llvm::sys::path::remove_dots(resolved, /*remove_dot_dot=*/true);
  FileScope *imported = byPath.lookup(resolved);
  if (!imported) {
    std::string reason;
    std::optional<std::string> text =
        options.readFile ? options.readFile(resolved, reason) : readFileFromDisk(resolved, reason);
    if (!text) {
      diags.error(item.pathRange, "cannot read '" + item.path + "': " + reason);
      return;
    }
    loading.push_back({&scope, item.pathRange});
    imported = load(sources.addFile(resolved, *text), resolved);
    loading.pop_back();
  } else {
    for (auto [position, entry] : llvm::enumerate(loading)) {
      if (entry.first != imported && imported != &scope)
        continue;
      Diagnostic &diagnostic = diags.error(item.pathRange, "'" + item.path + "' imports itself through this import");
      for (auto &link : llvm::ArrayRef(loading).drop_front(position))
        diagnostic.note(link.second, "imported from here");
      return;
    }
    if (imported == &scope) {
      diags.error(item.pathRange, "the file imports itself");
      return;
    }
  }
  for (const Item *other : imported->module->items)
    declare(scope, *other, *imported, item.pathRange);
}

FileScope *Files::load(FileId file, llvm::StringRef path) {
  FileScope &scope = *scopes.emplace_back(std::make_unique<FileScope>());
  byPath[path] = &scope;
  scope.file = file;
  scope.module = parseFile(file, syntax, diags);
  for (const Item *item : scope.module->items)
    if (const Name *name = nameOf(*item))
      declare(scope, *item, scope, name->range);
  for (const Item *item : scope.module->items)
    if (const auto *import = dyn_cast<ImportItem>(item))
      addImport(scope, *import, path);
  return &scope;
}

//===----------------------------------------------------------------------===//
// File-level consts
//===----------------------------------------------------------------------===//

namespace {

/// Evaluates consts in the order in which they need each other.
class Consts {
public:
  Consts(Elaboration &compilation) : compilation(compilation) {}

  void evaluateAll(const FileScope &file) {
    for (const Item *item : file.module->items)
      if (const auto *constItem = dyn_cast<ConstItem>(item))
        evaluate(*constItem, file);
  }

private:
  std::optional<TypedConstant> evaluate(const ConstItem &item, const FileScope &file);

  Elaboration &compilation;
  enum class State { Running, Done };
  llvm::DenseMap<const ConstItem *, State> states;
  unsigned depth = 0;
};

} // namespace

/// Consts that need each other form chains; longer ones are refused.
static constexpr unsigned maxConstDepth = 500;

std::optional<TypedConstant> Consts::evaluate(const ConstItem &item, const FileScope &file) {
  auto known = compilation.consts.find(&item);
  if (known != compilation.consts.end())
    return known->second;
  DiagnosticEngine &diags = compilation.diags;
  auto [state, isNew] = states.try_emplace(&item, State::Running);
  if (!isNew) {
    if (state->second == State::Running)
      diags.error(item.name.range, "the const '" + item.name.text + "' is defined by itself");
    state->second = State::Done;
    return std::nullopt;
  }
  if (++depth > maxConstDepth) {
    --depth;
    diags.error(item.name.range, "this chain of consts is too long");
    return std::nullopt;
  }
  auto lookup = [&](const NameExpr &name) -> std::optional<TypedConstant> {
    const Item *found = file.items.lookup(name.name.text);
    if (const auto *other = llvm::dyn_cast_or_null<ConstItem>(found))
      return evaluate(*other, *file.home.lookup(found));
    if (found) {
      diags.error(name.range(), "'" + name.name.text + "' is not a constant")
          .note(nameOf(*found)->range, "declared here");
      return std::nullopt;
    }
    Diagnostic &diagnostic = diags.error(name.range(), "cannot find '" + name.name.text + "'");
    llvm::SmallVector<llvm::StringRef> candidates;
    for (const auto &[text, candidate] : file.items)
      if (llvm::isa<ConstItem>(candidate))
        candidates.push_back(text);
    if (llvm::StringRef close = closestName(name.name.text, candidates); !close.empty())
      diagnostic.note("did you mean '" + close + "'?");
    return std::nullopt;
  };
  std::optional<TypedConstant> value = ConstEvaluator(diags, lookup).evaluate(item.value);
  --depth;
  states[&item] = State::Done;
  if (value)
    compilation.consts.try_emplace(&item, *value);
  return value;
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

/// Whether every type and const parameter of the kernel has a value.
static bool isBound(const KernelItem &kernel, const FrontendOptions &options) {
  return llvm::all_of(kernel.typeParams,
                      [&](const TypeParam &param) { return options.types.contains(param.name.text); }) &&
         llvm::all_of(kernel.params, [&](const Param &param) {
           return !param.isConst || param.defaultValue || options.consts.contains(param.name.text);
         });
}

/// Reports options that name nothing in the kernels they are for.
static void checkOptions(llvm::ArrayRef<const KernelItem *> kernels, const Elaboration &compilation) {
  auto check = [&](llvm::StringRef name, llvm::StringRef option, llvm::StringRef what,
                   llvm::function_ref<bool(const KernelItem &)> has) {
    if (llvm::any_of(kernels, [&](const KernelItem *kernel) { return has(*kernel); }))
      return;
    std::string kernel =
        kernels.size() == 1 ? "the kernel '" + kernels[0]->name.text.str() + "'" : std::string("no kernel");
    compilation.diags.error(SourceRange(), "--" + option + " " + name + ": " + kernel +
                                               (kernels.size() == 1 ? " has no " : " has a ") + what + " of that name");
  };
  // In the order of their names: a hash table has none.
  auto sorted = [](const auto &map) {
    std::vector<llvm::StringRef> names(map.keys().begin(), map.keys().end());
    llvm::sort(names);
    return names;
  };
  for (llvm::StringRef name : sorted(compilation.options.types))
    check(name, "type", "type parameter", [&](const KernelItem &kernel) {
      return llvm::any_of(kernel.typeParams, [&](const TypeParam &param) { return param.name.text == name; });
    });
  for (llvm::StringRef name : sorted(compilation.options.consts))
    check(name, "const", "const parameter", [&](const KernelItem &kernel) {
      return llvm::any_of(kernel.params, [&](const Param &param) { return param.isConst && param.name.text == name; });
    });
  for (llvm::StringRef name : sorted(compilation.options.dims)) {
    int64_t value = compilation.options.dims.lookup(name);
    if (value < 0 || value > std::numeric_limits<int32_t>::max())
      compilation.diags.error(SourceRange(), "--dim " + name + ": a dim cannot be " + llvm::Twine(value));
    check(name, "dim", "dim", [&](const KernelItem &) { return compilation.usedDims.contains(name); });
  }
}

mlir::OwningOpRef<mlir::ModuleOp> tilec::compileSource(mlir::MLIRContext &context, SourceManager &sources, FileId file,
                                                       const FrontendOptions &options, DiagnosticEngine &diags) {
  context.loadDialect<tile::TileDialect, mlir::arith::ArithDialect, mlir::math::MathDialect,
                      mlir::memref::MemRefDialect, mlir::scf::SCFDialect>();
  llvm::SmallString<128> path(sources.name(file));
  llvm::sys::path::remove_dots(path, /*remove_dot_dot=*/true);
  Files files(sources, options, diags);
  const FileScope *root = files.load(file, path);
  // A tree with holes would only give errors that are none.
  if (diags.hasErrors())
    return {};
  Elaboration compilation(context, sources, options, diags);
  Consts consts(compilation);
  for (const auto &scope : files.all())
    consts.evaluateAll(*scope);

  llvm::SmallVector<const KernelItem *> all, chosen, unbound;
  for (const Item *item : root->module->items) {
    const auto *kernel = dyn_cast<KernelItem>(item);
    if (!kernel)
      continue;
    all.push_back(kernel);
    if (!options.onlyKernel.empty() && kernel->name.text != options.onlyKernel)
      continue;
    if (kernel->isGraph)
      diags.error(kernel->keywordRange, "graphs are not supported by this version");
    else if (options.onlyKernel.empty() && !isBound(*kernel, options))
      unbound.push_back(kernel);
    else
      chosen.push_back(kernel);
  }
  if (chosen.empty() && !diags.hasErrors()) {
    if (!unbound.empty()) {
      chosen.push_back(unbound.front());
    } else if (options.onlyKernel.empty()) {
      diags.error(SourceRange(file, 0, 0), "there is no kernel in this file");
    } else {
      Diagnostic &diagnostic =
          diags.error(SourceRange(), "there is no kernel '" + options.onlyKernel + "' in " + sources.name(file));
      llvm::SmallVector<llvm::StringRef> names =
          llvm::map_to_vector(all, [](const KernelItem *kernel) { return kernel->name.text; });
      if (llvm::StringRef close = closestName(options.onlyKernel, names); !close.empty())
        diagnostic.note("did you mean '" + close + "'?");
      else if (!names.empty())
        diagnostic.note("it has " + llvm::join(names, ", "));
    }
  }

  auto module = mlir::OwningOpRef<mlir::ModuleOp>(
      mlir::ModuleOp::create(mlir::FileLineColLoc::get(&context, sources.name(file), 1, 1)));
  for (const KernelItem *kernel : chosen) {
    if (diags.isFull())
      break;
    Elaborator(compilation, *root).elaborate(*kernel, *module);
  }
  if (!diags.hasErrors())
    checkOptions(chosen, compilation);
  if (diags.hasErrors())
    return {};

  // What was generated from a correct program is correct IR.
  std::string complaint;
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) {
    if (complaint.empty())
      complaint = diagnostic.str();
    return mlir::success();
  });
  if (mlir::failed(mlir::verify(*module))) {
    diags.error(SourceRange(file, 0, 0), "internal error: the generated IR is not valid: " + complaint);
    return {};
  }
  if (!compilation.missingDims.empty())
    (*module)->setAttr("tile.draft", mlir::Builder(&context).getStrArrayAttr(compilation.missingDims.getArrayRef()));
  return module;
}

//===----------------------------------------------------------------------===//
// Signatures
//===----------------------------------------------------------------------===//

std::vector<KernelInfo> tilec::listKernels(FileId file, DiagnosticEngine &diags) {
  Context syntax;
  unsigned before = diags.numErrors();
  const Module *module = parseFile(file, syntax, diags);
  if (diags.numErrors() != before)
    return {};
  const SourceManager &sources = diags.sourceManager();
  std::vector<KernelInfo> kernels;
  for (const Item *item : module->items) {
    const auto *kernel = dyn_cast<KernelItem>(item);
    if (!kernel)
      continue;
    KernelInfo &info = kernels.emplace_back();
    info.name = kernel->name.text.str();
    info.isGraph = kernel->isGraph;
    info.range = kernel->name.range;
    for (const TypeParam &param : kernel->typeParams) {
      TypeParamInfo &typeParam = info.typeParams.emplace_back();
      typeParam.name = param.name.text.str();
      typeParam.bound = spelling(param.bound).str();
      for (ElementType type : allElementTypes())
        if (isInBound(type, param.bound))
          typeParam.choices.push_back(spelling(type).str());
    }
    auto add = [&](const Param &param, bool isResult) {
      ParamInfo &paramInfo = info.params.emplace_back();
      using Kind = ParamInfo::Kind;
      paramInfo.name = param.name.text.str();
      paramInfo.kind = param.isConst    ? Kind::Const
                       : !param.isArray ? Kind::Scalar
                       : isResult       ? Kind::Result
                       : param.isInout  ? Kind::Inout
                                        : Kind::Array;
      paramInfo.type = sources.text(param.elementType->range()).str();
      paramInfo.isGeneric = !llvm::isa<TypeExpr>(param.elementType);
      paramInfo.isStrided = param.isStrided;
      for (const Expr *dim : param.dims)
        paramInfo.dims.push_back(sources.text(dim->range()).str());
      if (param.defaultValue)
        paramInfo.defaultText = sources.text(param.defaultValue->range()).str();
    };
    for (const Param &param : kernel->params)
      add(param, false);
    for (const Param &result : kernel->results)
      add(result, true);
  }
  return kernels;
}
