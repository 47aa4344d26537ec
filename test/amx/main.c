/*===- main.c - runs assembled instructions on memory ------------*- C -*-===
 * Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * main CASE FILE: calls entry CASE of the table `cases` with the address of
 * the file's bytes, which start a page, and writes them back. Between them
 * and the end of memory is less than a page of zeros.
 *===----------------------------------------------------------------------===*/
#define _GNU_SOURCE
#include <immintrin.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

extern void (*const cases[])(uint8_t *memory);

int main(int argc, char **argv) {
  FILE *file = argc == 3 ? fopen(argv[2], "r+b") : NULL;
  if (!file || fseek(file, 0, SEEK_END))
    return 100;
  size_t size = (size_t)ftell(file), page = 4096, whole = (size + page - 1) / page * page;
  uint8_t *memory = mmap(NULL, whole + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  rewind(file);
  if (memory == MAP_FAILED || mprotect(memory + whole, page, PROT_NONE) || fread(memory, 1, size, file) != size)
    return 101;
  /* Cases may use the stack pointer as they like. */
  static char stack[1 << 16];
  if (sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL))
    return 105;
  if (syscall(SYS_arch_prctl, 0x1023, 18))
    return 102;
  unsigned control = _mm_getcsr();
  cases[atoi(argv[1])](memory);
  if (_mm_getcsr() != control)
    return 103;
  rewind(file);
  return fwrite(memory, 1, size, file) != size || fclose(file) ? 104 : 0;
}
