#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# A row with the wrong errno must fail its case on a real kernel: builds the
# suite from a copy of the table with one errno changed, and sees it fail. Says
# so as TAP.
set -u
: "${BUILD:=build}" "${CC:=gcc}"
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
case=map_freeze/closed_fd

cp -r lib/abi "$tmp/abi"
sed -i 's/ERR(map_freeze, closed_fd, EBADF/ERR(map_freeze, closed_fd, EINVAL/' \
	"$tmp/abi/map.def"
if cmp -s lib/abi/map.def "$tmp/abi/map.def" ||
	! "$CC" -std=c11 -D_GNU_SOURCE -DBPFABI_GUEST -I"$tmp" -Ilib/include \
		-Iharness/cases -c -o "$tmp/catalogue.o" harness/cases/catalogue.c; then
	echo "not ok 1 - the suite with a wrong row builds"
	exit 1
fi
objects=$(find "$BUILD/guest" -name '*.o' ! -name catalogue.o)
# shellcheck disable=SC2086 # a list of words
"$CC" -Wl,--wrap=bpfsys,--wrap=bpfsys_common -o "$tmp/bpfabi-guest" \
	"$tmp/catalogue.o" $objects "$BUILD/libbpfsys.a" -lcmocka -lbpf \
	-ljansson -lm || exit 1

judge()
{
	"$BUILD/bpfabi" run --ktap --filter "$case" --guest "$1" >"$tmp/log" 2>&1
}

failed=0
if judge "$BUILD/bpfabi-guest"; then
	echo "ok 1 - $case holds with the row as it is"
else
	sed 's/^/# /' "$tmp/log"
	echo "not ok 1 - $case holds with the row as it is"
	failed=1
fi
status=0
judge "$tmp/bpfabi-guest" || status=$?
if [ $status -eq 1 ] && grep -q 'want -EINVAL, got -EBADF' "$tmp/log"; then
	echo "ok 2 - $case fails with EINVAL in the row, and says why"
else
	sed 's/^/# /' "$tmp/log"
	echo "not ok 2 - $case fails with EINVAL in the row, and says why"
	failed=1
fi
echo 1..2
exit $failed
