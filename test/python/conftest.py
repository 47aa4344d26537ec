#===- conftest.py - the seed of sampled and random tests -------------------------------------------------------===#
# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints the seed of a run, and gives tests a generator that depends on it and on the test's name only.

TILEC_SEED sets the seed, TILEC_FULL=1 runs the whole cross product instead of a sample.
"""

import os
import zlib

import numpy as np
import pytest


def pytest_configure(config):
    # Workers and collection share the seed through the environment.
    if "TILEC_SEED" not in os.environ:
        os.environ["TILEC_SEED"] = str(int.from_bytes(os.urandom(4), "little"))


def pytest_report_header(config):
    kind = "every case" if os.environ.get("TILEC_FULL") == "1" else "a sample of the cases"
    return f"tilec: TILEC_SEED={os.environ['TILEC_SEED']}, {kind}, tools from {os.environ.get('TILEC_BIN', '(unset)')}"


@pytest.fixture
def rng(request):
    """A random generator for this test: the same for one seed, whichever other tests run."""
    return np.random.default_rng([int(os.environ["TILEC_SEED"]), zlib.crc32(request.node.name.encode())])
