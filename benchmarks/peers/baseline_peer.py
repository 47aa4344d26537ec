# Part of tilec, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Another build of tilec, to see what a change does: TILEC_BASELINE names the folder of its libtilec.so."""

import os

from peers import Unsupported, tilec_peer


class Peer(tilec_peer.Peer):
    def __init__(self, threads):
        if "TILEC_BASELINE" not in os.environ:
            raise Unsupported("TILEC_BASELINE names no build")
        super().__init__(threads, os.environ["TILEC_BASELINE"])
