//===- DiagnosticsTest.cpp - lines, columns and carets ---------*- C++ -*-===//
//
// Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tilec/Frontend/Diagnostics.h"

#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

using namespace tilec;

/// Prints one error at text[begin, end).
static std::string printAt(llvm::StringRef text, uint32_t begin, uint32_t end) {
  SourceManager sources;
  DiagnosticEngine diags(sources);
  FileId file = sources.addFile("a.tile", text);
  diags.error({file, begin, end}, "wrong");
  std::string printed;
  llvm::raw_string_ostream os(printed);
  diags.print(os);
  return printed;
}

TEST(Diagnostics, LineCaretAndTildes) {
  EXPECT_EQ(printAt("ab\nlet x = 1\n", 7, 8),
            "a.tile:2:5: error: wrong\nlet x = 1\n    ^\n");
  EXPECT_EQ(printAt("let foo", 4, 7),
            "a.tile:1:5: error: wrong\nlet foo\n    ^~~\n");
}

TEST(Diagnostics, ARangeOverLinesIsCutAtTheFirst) {
  EXPECT_EQ(printAt("a {\n b\n}", 2, 8),
            "a.tile:1:3: error: wrong\na {\n  ^\n");
}

TEST(Diagnostics, TheEndOfTheFile) {
  EXPECT_EQ(printAt("ab", 2, 2), "a.tile:1:3: error: wrong\nab\n  ^\n");
  EXPECT_EQ(printAt("ab\n", 3, 3), "a.tile:2:1: error: wrong\n\n^\n");
  EXPECT_EQ(printAt("", 0, 0), "a.tile:1:1: error: wrong\n\n^\n");
}

TEST(Diagnostics, TabsAreKeptAndAreOneColumn) {
  EXPECT_EQ(printAt("\ta\tb", 3, 4),
            "a.tile:1:4: error: wrong\n\ta\tb\n\t \t^\n");
}

TEST(Diagnostics, ColumnsCountCharacters) {
  // Two bytes, one column; three bytes, one character that is two columns wide.
  EXPECT_EQ(printAt("é x", 3, 4), "a.tile:1:3: error: wrong\né x\n  ^\n");
  EXPECT_EQ(printAt("中 x", 4, 5), "a.tile:1:3: error: wrong\n中 x\n   ^\n");
}

TEST(Diagnostics, CarriageReturnsAndByteOrderMarksAreNotShown) {
  EXPECT_EQ(printAt("ab\r\ncd\r\n", 4, 6),
            "a.tile:2:1: error: wrong\ncd\n^~\n");
  EXPECT_EQ(printAt("\xEF\xBB\xBF"
                    "ab",
                    4, 5),
            "a.tile:1:2: error: wrong\nab\n ^\n");
}

TEST(Diagnostics, BytesThatCannotBePrintedAreReplaced) {
  EXPECT_EQ(printAt(llvm::StringRef("a\0b\xFFz", 5), 4, 5),
            "a.tile:1:5: error: wrong\n"
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBDz\n    ^\n");
}

TEST(Diagnostics, LongLinesAreCutAroundTheCaret) {
  std::string line = std::string(1000, 'a') + "X" + std::string(1000, 'b');
  EXPECT_EQ(printAt(line, 1000, 1001),
            "a.tile:1:1001: error: wrong\n..." + std::string(80, 'a') + "X" +
                std::string(79, 'b') + "...\n" + std::string(83, ' ') + "^\n");
}

TEST(Diagnostics, NotesFollowTheirError) {
  SourceManager sources;
  DiagnosticEngine diags(sources);
  FileId file = sources.addFile("a.tile", "ab\ncd");
  diags.error({file, 3, 4}, "wrong")
      .note({file, 0, 2}, "because of this")
      .note("do that");
  std::string printed;
  llvm::raw_string_ostream os(printed);
  diags.print(os);
  EXPECT_EQ(printed, "a.tile:2:1: error: wrong\ncd\n^\n"
                     "a.tile:1:1: note: because of this\nab\n^~\n"
                     "note: do that\n");
}

TEST(Diagnostics, TwentyErrorsAreKept) {
  SourceManager sources;
  DiagnosticEngine diags(sources);
  FileId file = sources.addFile("a.tile", "ab");
  for (unsigned i = 0; i < 50; ++i) {
    EXPECT_EQ(diags.isFull(), i >= 20);
    diags.error({file, 0, 1}, "wrong").note("a note");
  }
  EXPECT_EQ(diags.numErrors(), 20u);
  EXPECT_EQ(diags.diagnostics().size(), 20u);
  diags.warning({file, 0, 1}, "a warning does not count");
  EXPECT_EQ(diags.numErrors(), 20u);
  EXPECT_EQ(diags.diagnostics().size(), 21u);
}
