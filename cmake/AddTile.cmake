# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# The few functions with which every library, dialect, tool and unit test of tilec is declared.

# One precompiled header for everything that includes MLIR (a cold translation unit costs 11 s, with it 3 s).
function(tilec_add_pch)
  file(WRITE ${CMAKE_BINARY_DIR}/pch/Empty.cpp "// The precompiled header's carrier.\n")
  add_library(TilecPch OBJECT ${CMAKE_BINARY_DIR}/pch/Empty.cpp)
  tilec_mlir_options(TilecPch)
  # In angle brackets, since CMake would write the absolute path of anything else.
  target_precompile_headers(TilecPch PRIVATE <cmake/Pch.h>)
  if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
    # Identical headers give identical bytes, so that ccache can share them.
    target_compile_options(TilecPch PRIVATE -Xclang -fno-pch-timestamp)
  endif()
  # What the precompiled header depends on besides the flags, which ccache compares itself.
  file(SHA256 ${CMAKE_SOURCE_DIR}/cmake/Pch.h pch_hash)
  file(SHA256 ${MLIR_CMAKE_DIR}/MLIRConfigVersion.cmake mlir_hash)
  file(WRITE ${CMAKE_BINARY_DIR}/CMakeFiles/TilecPch.dir/cmake_pch.hxx.pch.sum
    "${pch_hash} ${mlir_hash} ${LLVM_PACKAGE_VERSION} ${CMAKE_CXX_COMPILER_VERSION}\n")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/cmake/Pch.h)
endfunction()

# Compiles a target with the precompiled header, by a path relative to the build folder, which is Ninja's working folder:
# REUSE_FROM writes absolute paths, with which no checkout or build folder could use what another one left in ccache.
function(tilec_use_pch name)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES Clang OR NOT CMAKE_GENERATOR STREQUAL Ninja)
    target_precompile_headers(${name} REUSE_FROM TilecPch)
    return()
  endif()
  set(pch CMakeFiles/TilecPch.dir/cmake_pch.hxx.pch)
  target_compile_options(${name} PRIVATE
    "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp -Xclang -include-pch -Xclang ${pch}>")
  # First of all the header (a source's own OBJECT_DEPENDS may replace ours), and again when it changes.
  add_dependencies(${name} TilecPch)
  get_target_property(sources ${name} SOURCES)
  set_property(SOURCE ${sources} APPEND PROPERTY OBJECT_DEPENDS ${CMAKE_BINARY_DIR}/${pch})
endfunction()

function(tilec_mlir_options name)
  target_compile_options(${name} PRIVATE -fno-exceptions)
endfunction()

# tilec_add_library(NAME sources... [NO_MLIR] [LINK_LIBS libs...] [DEPENDS targets...])
# A static library. NO_MLIR: plain C or C++, no precompiled header, not linked with LLVM or MLIR.
function(tilec_add_library name)
  cmake_parse_arguments(ARG "NO_MLIR" "" "LINK_LIBS;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PUBLIC ${ARG_LINK_LIBS})
  if(NOT ARG_NO_MLIR)
    tilec_mlir_options(${name})
    tilec_use_pch(${name})
    target_link_libraries(${name} PUBLIC MLIR LLVM)
  endif()
  # Generated headers of every dialect come before any library that may include them.
  add_dependencies(${name} tilec-headers)
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  set_property(GLOBAL APPEND PROPERTY TILEC_LIBS ${name})
endfunction()

# tilec_add_tablegen(outputs-prefix.td ...): declares generated files into tilec-headers.
function(tilec_tablegen target td)
  set(LLVM_TARGET_DEFINITIONS ${td})
  cmake_parse_arguments(ARG "" "" "OUTPUTS" ${ARGN})
  set(TABLEGEN_OUTPUT)
  list(LENGTH ARG_OUTPUTS n)
  math(EXPR last "${n} - 1")
  foreach(i RANGE 0 ${last} 2)
    list(GET ARG_OUTPUTS ${i} file)
    math(EXPR j "${i} + 1")
    list(GET ARG_OUTPUTS ${j} flags)
    separate_arguments(flags)
    mlir_tablegen(${file} ${flags})
  endforeach()
  add_custom_target(${target} DEPENDS ${TABLEGEN_OUTPUT})
  add_dependencies(tilec-headers ${target})
endfunction()

# tilec_add_tool(NAME sources... [NO_MLIR] [LINK_LIBS libs...])
function(tilec_add_tool name)
  cmake_parse_arguments(ARG "NO_MLIR" "" "LINK_LIBS" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${ARG_LINK_LIBS})
  if(NOT ARG_NO_MLIR)
    # A main is compiled as PIE, the precompiled header is not; mains are small.
    tilec_mlir_options(${name})
    target_link_libraries(${name} PRIVATE MLIR LLVM)
  endif()
  add_dependencies(${name} tilec-headers)
  install(TARGETS ${name} RUNTIME DESTINATION bin)
endfunction()

# tilec_add_unittest(NAME sources... [NO_MLIR] [LINK_LIBS libs...])
# A GoogleTest executable in <build>/test/unit; `check-tilec` builds and runs it.
function(tilec_add_unittest name)
  cmake_parse_arguments(ARG "NO_MLIR" "" "LINK_LIBS" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/test/unit)
  target_link_libraries(${name} PRIVATE ${ARG_LINK_LIBS} gtest gtest_main)
  if(NOT ARG_NO_MLIR)
    tilec_mlir_options(${name})
    # As the precompiled header was compiled, which an executable's own default (-fPIE) is not.
    set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(${name} PRIVATE -fPIC)
    tilec_use_pch(${name})
    target_link_libraries(${name} PRIVATE MLIR LLVM)
  endif()
  add_dependencies(${name} tilec-headers)
  add_test(NAME ${name} COMMAND ${name})
  set_property(GLOBAL APPEND PROPERTY TILEC_UNITTESTS ${name})
endfunction()
