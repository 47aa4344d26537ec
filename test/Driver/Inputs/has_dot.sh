#!/bin/sh
# Finds IR interesting (exit status 1) if it is valid and has a product.
tile-opt "$1" -o /dev/null 2>/dev/null || exit 0
! grep -q 'tile\.dot ' "$1"
