#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# The sizing cases on a stock kernel of another architecture: foreign.sh ARCH.
# KTAP on standard output; its plan has to be the list of cases.
set -u
: "${BUILD:=build}"
kernel=debian:6.12
filter='*/size_*'

if [ ! -x "$BUILD/bpfabi-guest-$1" ]; then
	echo "1..1"
	echo "ok 1 - sizing cases on $1 # SKIP not built for $1: make setup-cross"
	exit 0
fi
tmp=$(mktemp) || exit 1
trap 'rm -f "$tmp"' EXIT
trap 'exit 130' INT TERM

status=0
"$BUILD/bpfabi" run --ktap --arch "$1" --kernel "$kernel" \
	--filter "$filter" >"$tmp" || status=$?
cat "$tmp"
cases=$("$BUILD/bpfabi" list --filter "$filter" | wc -l)
if ! grep -qx "1..$cases" "$tmp"; then
	echo "# there are $cases cases, the plan is $(grep -m1 '^ *1\.\.' "$tmp")"
	status=1
fi
exit $status
