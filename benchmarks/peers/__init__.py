# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The peers by name. A peer is a class `Peer(threads)` with a `version` and a method for each operation it has, which
takes a case and its arrays and returns (call, fetch): `call()` computes once, and has finished when it returns;
`fetch()` gives the result as an array. A method raises Unsupported where the peer has no such operation."""

import importlib

#: In the order of the table's columns; each is a module of this package.
NAMES = ("numpy", "mkl", "onednn", "jax", "iree", "torch", "torch_compile")

#: A build of tilec to compare with, where it is asked for by name; never the best peer.
BASELINE = "baseline"

#: Measured with every run: what is compared, and the machine's ceilings.
ALWAYS = ("tilec", "probe")


class Unsupported(Exception):
    """The peer cannot compute the case: the text says why."""


def load(name, threads):
    """The peer of that name. Raises ImportError or OSError where it is not installed."""
    return importlib.import_module(f"peers.{name}_peer").Peer(threads)
