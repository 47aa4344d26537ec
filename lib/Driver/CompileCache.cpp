//===- CompileCache.cpp - compiled kernels on disk --------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An entry is a line of text, the names of the kernels with a zero behind each,
// an empty name, the code, and a hash of all that and of its key, so that one
// entry in the place of another is found.

#include "CompileCache.h"

#include "tilec/Driver/Version.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/CachePruning.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA256.h"

#include <elf.h>
#include <link.h>

using namespace tilec;

static constexpr llvm::StringLiteral kMagic = "tilec kernels 1\n";
static constexpr size_t kHashBytes = 32;

//===----------------------------------------------------------------------===//
// The compiler's identity
//===----------------------------------------------------------------------===//

/// The GNU build id among the notes of a segment, or nothing.
static llvm::StringRef findBuildId(llvm::StringRef notes) {
  while (notes.size() >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) header;
    std::memcpy(&header, notes.data(), sizeof(header));
    size_t nameEnd = sizeof(header) + llvm::alignTo(header.n_namesz, 4);
    size_t end = nameEnd + llvm::alignTo(header.n_descsz, 4);
    if (end > notes.size())
      return {};
    if (header.n_type == NT_GNU_BUILD_ID && notes.substr(sizeof(header), header.n_namesz) == llvm::StringRef("GNU", 4))
      return notes.substr(nameEnd, header.n_descsz);
    notes = notes.substr(end);
  }
  return {};
}

namespace {
/// What is collected over the files of a process.
struct LoadedFiles {
  ElfW(Addr) ownCode;
  std::string ids;
  bool foundOwn = false, allHaveIds = true;
};
} // namespace

static int visitFile(struct dl_phdr_info *info, size_t, void *data) {
  auto &files = *static_cast<LoadedFiles *>(data);
  bool isOwn = false;
  llvm::StringRef id;
  for (const ElfW(Phdr) &segment : llvm::ArrayRef(info->dlpi_phdr, info->dlpi_phnum)) {
    ElfW(Addr) start = info->dlpi_addr + segment.p_vaddr;
    if (segment.p_type == PT_LOAD)
      isOwn |= files.ownCode - start < segment.p_memsz;
    else if (segment.p_type == PT_NOTE && id.empty())
      id = findBuildId(llvm::StringRef(reinterpret_cast<const char *>(start), segment.p_memsz));
  }
  llvm::StringRef name = llvm::sys::path::filename(info->dlpi_name);
  if (!isOwn && !name.starts_with("libLLVM") && !name.starts_with("libMLIR"))
    return 0;
  files.foundOwn |= isOwn;
  files.allHaveIds &= !id.empty();
  files.ids += " " + llvm::toHex(id, /*LowerCase=*/true);
  return 0;
}

std::optional<std::string> tilec::compilerIdentity() {
  LoadedFiles files{reinterpret_cast<ElfW(Addr)>(&compilerIdentity), {}};
  dl_iterate_phdr(visitFile, &files);
  if (!files.foundOwn || !files.allHaveIds)
    return std::nullopt;
  return std::string(getVersion()) + " LLVM " LLVM_VERSION_STRING + files.ids;
}

//===----------------------------------------------------------------------===//
// Entries
//===----------------------------------------------------------------------===//

std::string CompileCache::keyOf(llvm::ArrayRef<llvm::StringRef> parts) {
  llvm::SHA256 hash;
  for (llvm::StringRef part : parts) {
    // The length first: texts must not run into each other.
    hash.update(std::to_string(part.size()) + ":");
    hash.update(part);
  }
  return llvm::toHex(hash.final(), /*LowerCase=*/true);
}

std::string CompileCache::pathOf(llvm::StringRef key) const {
  // The prefix is that of files which LLVM's pruning looks at.
  llvm::SmallString<128> path(folder);
  llvm::sys::path::append(path, "llvmcache-" + key);
  return path.str().str();
}

/// The last bytes of an entry.
static std::array<uint8_t, kHashBytes> hashOf(llvm::StringRef key, llvm::StringRef bytes) {
  llvm::SHA256 hash;
  hash.update(key);
  hash.update(bytes);
  return hash.final();
}

std::optional<JITObject> CompileCache::find(llvm::StringRef key) const {
  // A pipe or a device in its place has no end.
  std::string path = pathOf(key);
  if (!llvm::sys::fs::is_regular_file(path))
    return std::nullopt;
  auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false,
                                          /*IsVolatile=*/true);
  if (!file)
    return std::nullopt;
  llvm::StringRef bytes = (*file)->getBuffer();
  if (bytes.size() < kHashBytes)
    return std::nullopt;
  llvm::StringRef found = bytes.take_back(kHashBytes);
  bytes = bytes.drop_back(kHashBytes);
  if (llvm::toStringRef(hashOf(key, bytes)) != found)
    return std::nullopt;
  if (!bytes.consume_front(kMagic))
    return std::nullopt;
  JITObject object;
  for (;;) {
    auto [name, rest] = bytes.split('\0');
    bytes = rest;
    if (name.empty())
      break;
    object.kernels.push_back(name.str());
  }
  object.code.assign(bytes.begin(), bytes.end());
  return object;
}

llvm::Error CompileCache::store(llvm::StringRef key, const JITObject &object) const {
  if (std::error_code code =
          llvm::sys::fs::create_directories(folder, /*IgnoreExisting=*/true, llvm::sys::fs::perms::owner_all))
    return llvm::createStringError("cannot make the folder '" + folder + "': " + code.message());
  std::string bytes = kMagic.str();
  for (const std::string &name : object.kernels)
    bytes.append(name.c_str(), name.size() + 1);
  bytes.push_back('\0');
  bytes.append(object.code.begin(), object.code.end());
  bytes += llvm::toStringRef(hashOf(key, bytes));
  std::string path = pathOf(key);
  // Through a link one would write into a file that is none of ours.
  llvm::sys::fs::file_status status;
  if (!llvm::sys::fs::status(path, status, /*follow=*/false) && !llvm::sys::fs::is_regular_file(status))
    return llvm::createStringError("'" + path + "' is no file");
  if (llvm::Error error = writeFileAtomically(path, bytes))
    return error;
  llvm::CachePruningPolicy policy;
  policy.Expiration = std::chrono::hours(30 * 24);
  policy.MaxSizeBytes = uint64_t(1) << 30;
  llvm::pruneCache(folder, policy);
  return llvm::Error::success();
}
