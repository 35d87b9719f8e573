#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# The helpers on the kernel $1, in a VM of two CPUs, ROUNDS times.
set -eu
: "${BUILD:=build}" "${ROUNDS:=1}"
exec "$BUILD/bpfvm" --cpus 2 --timeout "$((60 + 60 * ROUNDS))" "$1" -- \
	"$BUILD/tests/lib_guest" "$ROUNDS"
