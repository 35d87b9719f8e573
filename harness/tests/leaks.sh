#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# A case that leaves something behind must fail, and say what: builds a suite
# that has such cases (leaky.c) and sees each of them fail on a real kernel. Says
# so as TAP.
set -u
: "${BUILD:=build}" "${CC:=gcc}"
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM

# The catalogue takes the list of cases that is beside it.
cp harness/cases/catalogue.[ch] "$tmp"
cat harness/cases/cases.def harness/tests/leaky.def >"$tmp/cases.def"
for source in "$tmp/catalogue.c" harness/tests/leaky.c \
	harness/cases/leaks.c; do
	"$CC" -std=c11 -D_GNU_SOURCE -DBPFABI_GUEST -DLEAKS_WAIT_MS=300 \
		-Ilib/include -Ilib -Iharness/cases -c -o "$tmp/$(basename "$source" .c).o" \
		"$source" || exit 1
done
# What was built of a source that is gone is not taken.
objects=$(find "$BUILD/guest" -name '*.o' ! -name catalogue.o \
	! -name leaks.o | while read -r object; do
	source=${object#"$BUILD/guest/"}
	[ ! -e "${source%.o}.c" ] || echo "$object"
done)
# shellcheck disable=SC2086 # a list of words
"$CC" -Wl,--wrap=bpfsys,--wrap=bpfsys_common -o "$tmp/bpfabi-guest" \
	"$tmp/catalogue.o" "$tmp/leaky.o" "$tmp/leaks.o" $objects "$BUILD/libbpfsys.a" \
	-lcmocka -lbpf -ljansson -lm || exit 1
"$BUILD/bpfvm" debian:6.12 -- "$tmp/bpfabi-guest" --filter '*/leaves_*' \
	>"$tmp/records" 2>"$tmp/err" || {
	sed 's/^/# /' "$tmp/err"
	exit 1
}

n=0
failed=0
# The rows: CASE(command, name, "what the failure says").
sed -n 's/^CASE(\([a-z_]*\), \([a-z_]*\), "\(.*\)")$/\1\/\2|\3/p' \
	harness/tests/leaky.def >"$tmp/rows"
while IFS='|' read -r name says; do
	n=$((n + 1))
	verdict='"verdict":"fail"'
	case $says in nothing) verdict='"verdict":"pass"' says= ;; esac
	record=$(grep "\"case\":\"$name\"" "$tmp/records")
	case $record in
	*"$verdict"*"$says"*) echo "ok $n - $name: $says" ;;
	*)
		failed=1
		echo "# $record"
		echo "not ok $n - $name: $says"
		;;
	esac
done <"$tmp/rows"
echo "1..$n"
exit $failed
