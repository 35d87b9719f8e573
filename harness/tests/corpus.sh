#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# The corpus of sequences replays the same twice on a stock kernel, and each of
# them gives a line. Says so as TAP.
set -u
: "${BUILD:=build}" "${KERNEL:=debian:6.12}"
# shellcheck source=lib/tests/tap.sh
. lib/tests/tap.sh

# twice TARGET: two VMs at once, so that one cannot see what the other sees
# shellcheck disable=SC2317 # run by try
twice() {
	local first

	"$BUILD/bpfabi" run --corpus "corpus/$1" --kernel "$KERNEL" >"$tmp/1" &
	first=$!
	"$BUILD/bpfabi" run --corpus "corpus/$1" --kernel "$KERNEL" >"$tmp/2" ||
		return 1
	wait "$first" || return 1
	[ "$(wc -l <"$tmp/1")" = "$(find "corpus/$1" -type f | wc -l)" ] ||
		return 1
	diff "$tmp/1" "$tmp/2"
}

for target in calls prog btf; do
	try "$target" twice "$target"
done
finish
