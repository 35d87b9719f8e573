#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# What an engine on the host costs: sequences of corpus/calls run one by one from
# the host with their coverage read, beside a loop in the guest that makes the
# same calls under KCOV. EVERY: takes every Nth of them; ROUNDS: of each.
set -eu
: "${BUILD:=build}" "${ROUNDS:=10}" "${EVERY:=5}"
: "${KERNEL:=${XDG_CACHE_HOME:-$HOME/.cache}/bpfsys/built/kcov-6.12}"

if [ ! -e "$KERNEL/vmlinux" ]; then
	echo "No kernel to fuzz; make kernel builds it."
	exit 0
fi
echo "bench: every ${EVERY}th sequence of corpus/calls, $ROUNDS rounds" >&2
"$BUILD/fuzzers/bench/exec" "$BUILD/bpfsys-exec" "$KERNEL" corpus/calls \
	"$ROUNDS" "$EVERY"
