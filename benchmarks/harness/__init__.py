# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What measures: cases, the processes of the peers, the rounds, ceilings and reports."""
