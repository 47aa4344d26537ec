//===- NumpyFile.cpp - Arrays in .npy files ---------------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The header of a .npy file is a Python dictionary literal; a small parser
// reads exactly the form that NumPy writes, in any order of the keys.
//
//===----------------------------------------------------------------------===//
#include "tilec/Runtime/NumpyFile.h"

#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

using namespace tilec;

static constexpr std::string_view kMagic = "\x93NUMPY";
/// No header of ours or NumPy's comes near this; a larger one is hostile.
static constexpr uint32_t kMaxHeader = 1 << 20;
static constexpr size_t kMaxRank = 32;

namespace {
struct CloseFile {
  void operator()(FILE *file) const { std::fclose(file); }
};
using File = std::unique_ptr<FILE, CloseFile>;

/// What a header says.
struct Header {
  std::string descr;
  bool fortran = false;
  std::vector<int64_t> shape;
};

/// Parses "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }".
class HeaderParser {
public:
  explicit HeaderParser(std::string_view text) : text(text) {}

  bool parse(Header &header, std::string &error) {
    if (!take('{'))
      return fail(error, "is not a dictionary");
    bool hasDescr = false, hasOrder = false, hasShape = false;
    while (!take('}')) {
      std::string key;
      if (!parseString(key) || !take(':'))
        return fail(error, "is malformed");
      if (key == "descr") {
        skipSpace();
        if (at < text.size() && text[at] == '[')
          return fail(error, "has a structured element type");
        hasDescr = parseString(header.descr);
        if (!hasDescr)
          return fail(error, "has a malformed element type");
      } else if (key == "fortran_order") {
        hasOrder = parseBool(header.fortran);
        if (!hasOrder)
          return fail(error, "has a malformed fortran_order");
      } else if (key == "shape") {
        hasShape = parseShape(header.shape);
        if (!hasShape)
          return fail(error, "has a malformed shape");
      } else {
        return fail(error, "has an unknown key '" + key + "'");
      }
      if (!take(',')) {
        if (!take('}'))
          return fail(error, "is malformed");
        break;
      }
    }
    if (!hasDescr || !hasOrder || !hasShape)
      return fail(error, "lacks descr, fortran_order or shape");
    skipSpace();
    return at == text.size() || fail(error, "is malformed");
  }

private:
  std::string_view text;
  size_t at = 0;

  static bool fail(std::string &error, const std::string &what) {
    error = "the .npy header " + what;
    return false;
  }
  void skipSpace() {
    while (at < text.size() &&
           std::isspace(static_cast<unsigned char>(text[at])))
      ++at;
  }
  bool take(char c) {
    skipSpace();
    if (at >= text.size() || text[at] != c)
      return false;
    ++at;
    return true;
  }
  bool takeWord(std::string_view word) {
    skipSpace();
    if (text.substr(at, word.size()) != word)
      return false;
    at += word.size();
    return true;
  }
  bool parseString(std::string &result) {
    skipSpace();
    if (at >= text.size() || (text[at] != '\'' && text[at] != '"'))
      return false;
    size_t end = text.find(text[at], at + 1);
    if (end == std::string_view::npos)
      return false;
    result = text.substr(at + 1, end - at - 1);
    at = end + 1;
    return result.find('\\') == std::string::npos;
  }
  bool parseBool(bool &result) {
    result = takeWord("True");
    return result || takeWord("False");
  }
  bool parseShape(std::vector<int64_t> &shape) {
    if (!take('('))
      return false;
    while (!take(')')) {
      int64_t extent = 0;
      skipSpace();
      size_t first = at;
      for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at)
        if (__builtin_mul_overflow(extent, 10, &extent) ||
            __builtin_add_overflow(extent, text[at] - '0', &extent))
          return false;
      if (at == first || shape.size() == kMaxRank)
        return false;
      (void)takeWord("L"); // Python 2 wrote long integers so
      shape.push_back(extent);
      if (!take(','))
        return take(')');
    }
    return true;
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// Element types
//===----------------------------------------------------------------------===//

std::string tilec::getNumpyDescr(DType dtype) {
  size_t size = getSize(dtype);
  char kind = dtype == DType::Bool                                ? 'b'
              : isSignedInt(dtype)                                ? 'i'
              : isUnsignedInt(dtype) || dtype == DType::BF16 ||
                      (isFloat(dtype) && size == 1)               ? 'u'
                                                                  : 'f';
  return std::string(size == 1 ? "|" : "<") + kind + std::to_string(size);
}

/// The size of an element of this spelling, 0 if it has none that we read.
static size_t sizeOfDescr(const std::string &descr) {
  std::string_view digits = std::string_view(descr).substr(
      descr.size() < 2 ? descr.size() : 2);
  if (digits.size() != 1 || !std::strchr("1248", digits[0]))
    return 0;
  return static_cast<size_t>(digits[0] - '0');
}

/// Which type a spelling means, seen as `as` where that is given.
static std::optional<DType> typeOfDescr(const std::string &descr,
                                        std::optional<DType> as,
                                        std::string &error) {
  size_t size = sizeOfDescr(descr);
  if (size > 1 && descr[0] == '>') {
    error = "the array is big-endian ('" + descr +
            "'); write it in little-endian order, as with "
            "a.astype(a.dtype.newbyteorder('<'))";
    return std::nullopt;
  }
  if (size == 0 || (descr[0] != '<' && descr[0] != '|' && descr[0] != '=' &&
                    descr[0] != '>')) {
    error = "the element type '" + descr + "' has no counterpart in .tile";
    return std::nullopt;
  }
  if (as) {
    if (getSize(*as) == size)
      return as;
    error = "elements of type '" + descr + "' cannot be read as " +
            std::string(getName(*as)) + ": the sizes differ";
    return std::nullopt;
  }
  for (size_t i = 0; i <= static_cast<size_t>(DType::F8E5M2); ++i) {
    DType dtype = static_cast<DType>(i);
    if (getNumpyDescr(dtype)[1] == descr[1] && getSize(dtype) == size)
      return dtype;
  }
  error = "the element type '" + descr + "' has no counterpart in .tile" +
          (descr[1] == 'V' ? "; say which one it is, as in A=a.npy:bf16" : "");
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

/// Reads magic, version and header.
static bool readHeader(FILE *file, Header &header, std::string &error) {
  unsigned char start[12];
  if (std::fread(start, 1, 8, file) != 8 ||
      std::memcmp(start, kMagic.data(), kMagic.size()) != 0) {
    error = "not a .npy file";
    return false;
  }
  unsigned version = start[6];
  if (version < 1 || version > 3) {
    error = "a .npy file of version " + std::to_string(version) +
            ", of which nothing is known";
    return false;
  }
  size_t lengthBytes = version == 1 ? 2 : 4;
  uint32_t length = 0;
  if (std::fread(start + 8, 1, lengthBytes, file) != lengthBytes) {
    error = "the .npy file is truncated in its header";
    return false;
  }
  for (size_t i = 0; i < lengthBytes; ++i)
    length |= static_cast<uint32_t>(start[8 + i]) << (8 * i);
  if (length > kMaxHeader) {
    error = "the .npy header claims " + std::to_string(length) + " bytes";
    return false;
  }
  std::string text(length, '\0');
  if (std::fread(text.data(), 1, length, file) != length) {
    error = "the .npy file is truncated in its header";
    return false;
  }
  return HeaderParser(text).parse(header, error);
}

/// `source` holds the elements in Fortran order: the first index is fastest.
static void transposeInto(const Tensor &source, Tensor &result) {
  const std::vector<int64_t> &shape = result.getShape();
  size_t size = getSize(result.getDType());
  std::vector<int64_t> index(shape.size(), 0), strides(shape.size(), 1);
  for (size_t d = 1; d < shape.size(); ++d)
    strides[d] = strides[d - 1] * shape[d - 1];
  char *to = static_cast<char *>(result.getData());
  int64_t from = 0;
  for (int64_t i = 0; i < result.getNumElements(); ++i, to += size) {
    std::memcpy(to, source.getElement(from), size);
    for (size_t d = shape.size(); d-- > 0;) {
      from += strides[d];
      if (++index[d] < shape[d])
        break;
      from -= strides[d] * shape[d];
      index[d] = 0;
    }
  }
}

/// The part of readNumpy that needs no prefix on its messages.
static std::optional<NumpyArray> readOpenFile(FILE *file,
                                              std::optional<DType> as,
                                              std::string &error) {
  Header header;
  if (!readHeader(file, header, error))
    return std::nullopt;
  std::optional<DType> dtype = typeOfDescr(header.descr, as, error);
  if (!dtype)
    return std::nullopt;

  // A regular file's size bounds what may be allocated.
  int64_t needed = static_cast<int64_t>(getSize(*dtype));
  bool empty = false, overflow = false;
  for (int64_t extent : header.shape) {
    empty |= extent == 0;
    overflow |= __builtin_mul_overflow(needed, extent, &needed);
  }
  if (empty) {
    needed = 0;
    overflow = false;
  }
  struct stat info;
  long position = std::ftell(file);
  bool regular = fstat(fileno(file), &info) == 0 && S_ISREG(info.st_mode);
  if (overflow || (regular && position >= 0 &&
                   info.st_size - position < needed)) {
    error = "the .npy file is truncated: its header promises an array of type " +
            printType(*dtype, header.shape);
    return std::nullopt;
  }
  std::optional<Tensor> tensor = Tensor::create(*dtype, header.shape, error);
  if (!tensor)
    return std::nullopt;
  size_t bytes = tensor->getNumBytes();
  if (std::fread(tensor->getData(), 1, bytes, file) != bytes) {
    error = "the .npy file is truncated: its header promises an array of type " +
            printType(*dtype, header.shape);
    return std::nullopt;
  }
  if (header.fortran && header.shape.size() > 1 &&
      tensor->getNumElements() > 0) {
    std::optional<Tensor> rows = Tensor::create(*dtype, header.shape, error);
    if (!rows)
      return std::nullopt;
    transposeInto(*tensor, *rows);
    tensor = std::move(rows);
  }
  return NumpyArray{std::move(*tensor), header.descr};
}

std::optional<NumpyArray> tilec::readNumpy(const std::string &path,
                                           std::optional<DType> as,
                                           std::string &error) {
  File file(std::fopen(path.c_str(), "rb"));
  if (!file) {
    error = path + ": " + std::strerror(errno);
    return std::nullopt;
  }
  std::optional<NumpyArray> array = readOpenFile(file.get(), as, error);
  if (!array)
    error = path + ": " + error;
  return array;
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

static std::string makeHeader(const Tensor &tensor, std::string_view descr) {
  std::string text = "{'descr': '" + std::string(descr) +
                     "', 'fortran_order': False, 'shape': (";
  for (int64_t extent : tensor.getShape())
    text += std::to_string(extent) + ", ";
  if (tensor.getShape().size() > 1)
    text.resize(text.size() - 2);
  else if (!tensor.getShape().empty())
    text.resize(text.size() - 1); // a tuple of one keeps its comma
  text += "), }";
  // The data starts at a multiple of 64 bytes.
  size_t start = kMagic.size() + 4;
  text.append(63 - (start + text.size()) % 64, ' ');
  text += '\n';
  std::string result(kMagic);
  result += {'\1', '\0', static_cast<char>(text.size() & 0xff),
             static_cast<char>(text.size() >> 8)};
  return result + text;
}

bool tilec::writeNumpy(const std::string &path, const Tensor &tensor,
                       std::string_view descr, std::string &error) {
  std::string spelled =
      descr.empty() ? getNumpyDescr(tensor.getDType()) : std::string(descr);
  // Devices and pipes are written in place, links where they point to.
  std::string target = path;
  if (char *resolved = realpath(path.c_str(), nullptr)) {
    target = resolved;
    std::free(resolved);
  }
  struct stat info;
  bool inPlace =
      stat(target.c_str(), &info) == 0 && !S_ISREG(info.st_mode);
  std::string temporary =
      inPlace ? target : target + ".tmp" + std::to_string(getpid());
  auto fail = [&] {
    error = path + ": " + std::strerror(errno);
    if (!inPlace)
      std::remove(temporary.c_str());
    return false;
  };
  File file(std::fopen(temporary.c_str(), "wb"));
  if (!file)
    return fail();
  std::string header = makeHeader(tensor, spelled);
  size_t bytes = tensor.getNumBytes();
  if (std::fwrite(header.data(), 1, header.size(), file.get()) !=
          header.size() ||
      std::fwrite(tensor.getData(), 1, bytes, file.get()) != bytes)
    return fail();
  if (std::fclose(file.release()) != 0)
    return fail();
  if (!inPlace && std::rename(temporary.c_str(), target.c_str()) != 0)
    return fail();
  return true;
}
