# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""PyTorch's compiler, which generates C++ for everything but products."""

import torch

from peers import Unsupported, torch_peer


class Peer(torch_peer.Peer):
    def prepare(self, function, arguments):
        return torch.compile(function, dynamic=False)

    def matmul(self, case, given):
        raise Unsupported("it calls the products of torch")

    gemv = thin = matmul
