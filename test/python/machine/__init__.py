# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A battery of PTX instructions, which tile-sim and a GPU execute on the same values: `forms` says what a form is and writes
kernels, the modules beside it list the forms, `values` makes operands, `driver` runs kernels on a GPU by the CUDA driver
API, `recorded` reads what a machine computed."""
