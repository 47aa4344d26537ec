//===- NumpyFileTest.cpp - arrays in .npy files -----------------*- C++ -*-===//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Files are written byte by byte here, so that the reader is not its own oracle.

#include "tilec/Runtime/NumpyFile.h"

#include "gtest/gtest.h"

#include <cstdio>
#include <cstring>
#include <fstream>
#include <random>
#include <sstream>

using namespace tilec;

namespace {
/// A file that goes when the test ends.
class NumpyFileTest : public testing::Test {
protected:
  std::string path = testing::TempDir() + "tilec-" +
                     testing::UnitTest::GetInstance()
                         ->current_test_info()
                         ->name() +
                     ".npy";
  std::string error;

  void TearDown() override { std::remove(path.c_str()); }

  void write(const std::string &bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  }
  std::string read() {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  /// A file of this version and header dictionary.
  static std::string make(int version, std::string header,
                          const std::string &data) {
    header += "\n";
    std::string bytes = "\x93NUMPY";
    bytes += static_cast<char>(version);
    bytes += '\0';
    for (int i = 0; i < (version == 1 ? 2 : 4); ++i)
      bytes += static_cast<char>(header.size() >> (8 * i));
    return bytes + header + data;
  }
};
} // namespace

static const char *const kHeader =
    "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }";
static const std::string kData("\1\0\2\0\3\0\4\0\5\0\6\0", 12);

TEST_F(NumpyFileTest, ReadsEveryVersion) {
  for (int version : {1, 2, 3}) {
    write(make(version, kHeader, kData));
    std::optional<NumpyArray> array = readNumpy(path, std::nullopt, error);
    ASSERT_TRUE(array) << error;
    EXPECT_EQ(array->descr, "<i2");
    EXPECT_EQ(array->tensor.getDType(), DType::I16);
    EXPECT_EQ(array->tensor.getShape(), (std::vector<int64_t>{2, 3}));
    EXPECT_EQ(array->tensor.getAsDouble(4), 5);
  }
}

TEST_F(NumpyFileTest, ReadsKeysInAnyOrderScalarsAndVectors) {
  write(make(1, "{\"shape\":(),'fortran_order':True,'descr':'<i2'}", kData));
  std::optional<NumpyArray> array = readNumpy(path, std::nullopt, error);
  ASSERT_TRUE(array) << error;
  EXPECT_TRUE(array->tensor.getShape().empty());
  EXPECT_EQ(array->tensor.getAsDouble(0), 1);
  write(make(1, "{'shape': (6L,), 'fortran_order': False, 'descr': '<i2'}",
             kData));
  array = readNumpy(path, std::nullopt, error);
  ASSERT_TRUE(array) << error;
  EXPECT_EQ(array->tensor.getShape(), std::vector<int64_t>{6});
}

TEST_F(NumpyFileTest, TransposesFortranOrder) {
  write(make(1, "{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3)}",
             kData));
  std::optional<NumpyArray> array = readNumpy(path, std::nullopt, error);
  ASSERT_TRUE(array) << error;
  // Columns are (1 2), (3 4), (5 6).
  std::vector<double> rows;
  for (int i = 0; i < 6; ++i)
    rows.push_back(array->tensor.getAsDouble(i));
  EXPECT_EQ(rows, (std::vector<double>{1, 3, 5, 2, 4, 6}));
}

TEST_F(NumpyFileTest, SeesElementsAsAnotherTypeOfTheirSize) {
  for (const char *descr : {"<u2", "<i2", "<f2", "|V2"}) {
    std::string header = kHeader;
    header.replace(header.find("<i2"), 3, descr);
    write(make(1, header, kData));
    std::optional<NumpyArray> array = readNumpy(path, DType::BF16, error);
    ASSERT_TRUE(array) << error;
    EXPECT_EQ(array->tensor.getDType(), DType::BF16);
    EXPECT_EQ(array->descr, descr);
  }
  EXPECT_FALSE(readNumpy(path, DType::F8E4M3, error));
  EXPECT_EQ(error, path + ": elements of type '|V2' cannot be read as f8e4m3: "
                          "the sizes differ");
  EXPECT_FALSE(readNumpy(path, std::nullopt, error));
  EXPECT_NE(error.find("A=a.npy:bf16"), std::string::npos);
}

TEST_F(NumpyFileTest, DiagnosesDamage) {
  auto header = [](std::string descr, std::string shape) {
    return "{'descr': " + descr + ", 'fortran_order': False, 'shape': " + shape +
           "}";
  };
  std::vector<std::pair<std::string, const char *>> cases = {
      {"", "not a .npy file"},
      {"\x93NUMPX\1\0aaaa", "not a .npy file"},
      {std::string("\x93NUMPY\x04\0\0\0", 10), "version 4"},
      {std::string("\x93NUMPY\x01\0\xff\x7f{", 11), "truncated in its header"},
      {std::string("\x93NUMPY\x02\0\xff\xff\xff\xff", 12), "claims 4294967295"},
      {make(1, header("'<i2'", "(2, 3)"), kData.substr(1)), "truncated"},
      {make(1, header("'<i2'", "(4000000000, 4000000000, 4)"), kData),
       "truncated"},
      {make(1, header("'<i2'", "(99999999999999999999,)"), kData),
       "malformed shape"},
      {make(1, header("'<i2'", "(-1,)"), kData), "malformed shape"},
      {make(1, header("'<i2'", "3"), kData), "malformed shape"},
      {make(1, header("'>i2'", "(6,)"), kData), "big-endian"},
      {make(1, header("'<c8'", "(1,)"), kData), "'<c8'"},
      {make(1, header("'|O'", "(1,)"), kData), "'|O'"},
      {make(1, header("[('a', '<i2')]", "(6,)"), kData), "structured"},
      {make(1, "{'descr': '<i2', 'shape': (6,)}", kData), "lacks"},
      {make(1, "{'x': 1}", kData), "unknown key 'x'"},
      {make(1, std::string(kHeader) + " 7", kData), "malformed"},
      {make(1, "print('hello')", kData), "not a dictionary"},
  };
  for (const auto &[bytes, message] : cases) {
    write(bytes);
    error.clear();
    EXPECT_FALSE(readNumpy(path, std::nullopt, error)) << message;
    EXPECT_NE(error.find(message), std::string::npos) << error;
    EXPECT_EQ(error.find(path), 0u) << error;
  }
}

TEST_F(NumpyFileTest, RandomDamageNeverCrashes) {
  std::string good = make(1, kHeader, kData);
  std::mt19937 random(5);
  int rejected = 0;
  for (int i = 0; i < 2000; ++i) {
    std::string bytes = good;
    bytes[random() % bytes.size()] = static_cast<char>(random());
    if (i % 3 == 0)
      bytes.resize(random() % bytes.size());
    write(bytes);
    rejected += !readNumpy(path, std::nullopt, error);
  }
  EXPECT_GT(rejected, 0);
}

TEST_F(NumpyFileTest, WritesWhatNumPyWrites) {
  std::optional<Tensor> tensor = Tensor::create(DType::I16, {2, 3}, error);
  ASSERT_TRUE(tensor);
  std::memcpy(tensor->getData(), kData.data(), kData.size());
  ASSERT_TRUE(writeNumpy(path, *tensor, "", error)) << error;
  std::string header =
      "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }";
  header.append(128 - 10 - 1 - header.size(), ' ');
  EXPECT_EQ(read(), make(1, header, kData));
}

TEST_F(NumpyFileTest, ReadsBackEveryTypeAndRank) {
  for (int i = 0; i <= static_cast<int>(DType::F8E5M2); ++i)
    for (std::vector<int64_t> shape :
         {std::vector<int64_t>{}, {5}, {0, 3}, {2, 3, 4}}) {
      DType dtype = static_cast<DType>(i);
      std::optional<Tensor> tensor = Tensor::create(dtype, shape, error);
      ASSERT_TRUE(tensor);
      tensor->fillRandom(1, 0, 2);
      ASSERT_TRUE(writeNumpy(path, *tensor, "", error)) << error;
      std::optional<NumpyArray> back = readNumpy(path, dtype, error);
      ASSERT_TRUE(back) << error;
      EXPECT_EQ(back->tensor.getShape(), shape);
      EXPECT_EQ(std::memcmp(back->tensor.getData(), tensor->getData(),
                            tensor->getNumBytes()),
                0);
    }
}

TEST_F(NumpyFileTest, AFailedWriteLeavesNothing) {
  std::optional<Tensor> tensor = Tensor::create(DType::F32, {1}, error);
  std::string missing = testing::TempDir() + "no-such-folder/x.npy";
  EXPECT_FALSE(writeNumpy(missing, *tensor, "", error));
  EXPECT_EQ(error, missing + ": No such file or directory");
}

TEST(Tensor, RandomValuesFollowFromTheSeed) {
  std::string error;
  std::optional<Tensor> a = Tensor::create(DType::F32, {1000}, error);
  std::optional<Tensor> b = a->clone(error);
  a->fillRandom(7, -1, 1);
  b->fillRandom(7, -1, 1);
  EXPECT_EQ(std::memcmp(a->getData(), b->getData(), a->getNumBytes()), 0);
  double sum = 0, least = 1, largest = -1;
  for (int i = 0; i < 1000; ++i) {
    sum += a->getAsDouble(i);
    least = std::min(least, a->getAsDouble(i));
    largest = std::max(largest, a->getAsDouble(i));
  }
  // Uniform: the mean's deviation is 1/sqrt(3000); the bounds are near.
  EXPECT_LT(std::abs(sum / 1000), 0.1);
  EXPECT_GE(least, -1);
  EXPECT_LT(least, -0.97);
  EXPECT_LT(largest, 1);
  EXPECT_GT(largest, 0.97);
  b->fillRandom(8, -1, 1);
  EXPECT_NE(std::memcmp(a->getData(), b->getData(), a->getNumBytes()), 0);
}

TEST(Tensor, ImpossibleShapesAreErrors) {
  std::string error;
  int64_t huge = int64_t{1} << 40;
  EXPECT_FALSE(Tensor::create(DType::F32, {huge, huge}, error));
  EXPECT_NE(error.find("no memory"), std::string::npos);
  EXPECT_FALSE(Tensor::create(DType::F32, {-1}, error));
  EXPECT_TRUE(Tensor::create(DType::F32, {huge, 0, huge}, error)) << error;
}
