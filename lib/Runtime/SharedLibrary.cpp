//===- SharedLibrary.cpp - Objects to shared libraries ----------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs the linker that is found on this machine.
//
//===----------------------------------------------------------------------===//
#include "tilec/Runtime/ObjectEmitter.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

using namespace tilec;

namespace {
/// A linker and how it finds libc and libm.
struct Linker {
  std::string path;
  /// Whether it is a compiler driver, which knows where libraries are.
  bool isDriver;
};
} // namespace

static llvm::Expected<Linker> findLinker() {
  struct Candidate {
    const char *name;
    bool isDriver;
  };
  static constexpr Candidate kCandidates[] = {{"ld.lld", false},
                                              {"ld.lld-22", false},
                                              {"ld", false},
                                              {"cc", true},
                                              {"clang-22", true}};
  for (const Candidate &candidate : kCandidates) {
    llvm::ErrorOr<std::string> path =
        llvm::sys::findProgramByName(candidate.name);
    // LLVM's own folder is not always on the path.
    if (!path)
      path = llvm::sys::findProgramByName(candidate.name,
                                          {"/usr/lib/llvm-22/bin"});
    if (path)
      return Linker{*path, candidate.isDriver};
  }
  return llvm::createStringError(
      "no linker found for a shared library: install ld.lld (Debian package "
      "lld-22), ld or cc, or emit an object (--emit=obj)");
}

/// A temporary file that goes when this does.
static llvm::Expected<std::string> makeTemporary(llvm::StringRef suffix,
                                                 int &descriptor) {
  llvm::SmallString<128> path;
  if (std::error_code code = llvm::sys::fs::createTemporaryFile(
          "tilec", suffix, descriptor, path))
    return llvm::createStringError(code, "cannot make a temporary file");
  return std::string(path);
}

/// Appends the arguments that name libm and libc.
static void addLibraries(const Linker &linker,
                         llvm::SmallVectorImpl<std::string> &arguments) {
  if (linker.isDriver) {
    arguments.push_back("-lm");
    return;
  }
  static constexpr llvm::StringLiteral kFolders[] = {
      "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64",
      "/usr/lib64", "/lib", "/usr/lib"};
  // Where the libraries are elsewhere, the loading program brings them.
  for (llvm::StringRef folder : kFolders)
    if (llvm::sys::fs::exists(folder + "/libm.so.6") &&
        llvm::sys::fs::exists(folder + "/libc.so.6")) {
      arguments.append({"-L" + folder.str(), "-l:libm.so.6", "-l:libc.so.6"});
      return;
    }
}

llvm::Expected<llvm::SmallVector<char, 0>>
tilec::linkSharedLibrary(llvm::ArrayRef<char> object, llvm::StringRef name) {
  llvm::Expected<Linker> linker = findLinker();
  if (!linker)
    return linker.takeError();
  int inputDescriptor, outputDescriptor, logDescriptor;
  llvm::Expected<std::string> input = makeTemporary("o", inputDescriptor);
  if (!input)
    return input.takeError();
  llvm::FileRemover removeInput(*input);
  {
    llvm::raw_fd_ostream stream(inputDescriptor, /*shouldClose=*/true);
    stream.write(object.data(), object.size());
  }
  llvm::Expected<std::string> output = makeTemporary("so", outputDescriptor);
  if (!output)
    return output.takeError();
  llvm::FileRemover removeOutput(*output);
  llvm::sys::fs::closeFile(outputDescriptor);
  llvm::Expected<std::string> log = makeTemporary("log", logDescriptor);
  if (!log)
    return log.takeError();
  llvm::FileRemover removeLog(*log);
  llvm::sys::fs::closeFile(logDescriptor);

  llvm::SmallVector<std::string> arguments = {
      linker->path, "-shared", *input, "-o", *output,
  };
  // The same object gives the same bytes: no identifier of the build.
  for (llvm::StringRef option :
       {"--build-id=none", "-znoexecstack", "--as-needed"})
    arguments.push_back((linker->isDriver ? "-Wl," : "") + option.str());
  std::string soname = "-soname=" + name.str();
  arguments.push_back(linker->isDriver ? "-Wl," + soname : soname);
  addLibraries(*linker, arguments);

  llvm::SmallVector<llvm::StringRef> references(arguments.begin(),
                                                arguments.end());
  std::optional<llvm::StringRef> redirects[] = {llvm::StringRef(""), *log,
                                                *log};
  std::string message;
  int status =
      llvm::sys::ExecuteAndWait(linker->path, references, std::nullopt,
                                redirects, /*SecondsToWait=*/60,
                                /*MemoryLimit=*/0, &message);
  if (status != 0) {
    if (auto text = llvm::MemoryBuffer::getFile(*log))
      message += (*text)->getBuffer();
    return llvm::createStringError("the linker " + linker->path +
                                   " failed: " + message);
  }
  auto bytes = llvm::MemoryBuffer::getFile(*output);
  if (!bytes)
    return llvm::createStringError(bytes.getError(),
                                   "cannot read what the linker wrote");
  llvm::StringRef text = (*bytes)->getBuffer();
  return llvm::SmallVector<char, 0>(text.begin(), text.end());
}
