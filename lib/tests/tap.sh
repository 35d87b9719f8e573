# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# For tests that are scripts: a temporary directory $tmp, and verdicts as TAP.
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
n=0
failed=0

# verdict NAME: of the command before it; what it said is in $tmp/log.
verdict() {
	local status=$?

	n=$((n + 1))
	if [ $status = 0 ]; then
		echo "ok $n - $1"
	else
		sed 's/^/# /' "$tmp/log"
		echo "not ok $n - $1"
		failed=1
	fi
}

# try NAME COMMAND...: one test.
try() {
	local name=$1

	shift
	"$@" >"$tmp/log" 2>&1
	verdict "$name"
}

finish() {
	echo "1..$n"
	exit $failed
}
