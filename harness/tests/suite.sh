#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# The whole suite on one kernel: suite.sh KERNEL[,OPTION]. KTAP on standard
# output; its plan has to be the list of cases, each of a name of its own.
set -u
: "${BUILD:=build}"
tmp=$(mktemp) || exit 1
trap 'rm -f "$tmp"' EXIT
trap 'exit 130' INT TERM
kernel=${1%%,*}
option=${1#"$kernel"}

status=0
"$BUILD/bpfabi" run --ktap --kernel "$kernel" ${option:+"${option#,}"} \
	>"$tmp" || status=$?
cat "$tmp"
cases=$("$BUILD/bpfabi" list | grep -vc '^#')
if ! grep -qx "1..$cases" "$tmp"; then
	echo "# bpfabi list has $cases cases, the plan is $(grep -m1 '^1\.\.' "$tmp")"
	status=1
fi
twice=$("$BUILD/bpfabi" list | grep -v '^#' | cut -f1 | sort | uniq -d)
if [ -n "$twice" ]; then
	echo "# names of two cases: $twice"
	status=1
fi
exit $status
