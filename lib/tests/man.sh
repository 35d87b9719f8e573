#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# The manual pages: one for each exported function, free of mistakes that mandoc
# knows, and saying what the table says. TAP.
# shellcheck disable=SC2317 # try calls the functions
set -u
: "${BUILD:=build}"
man=$BUILD/man
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
n=0
failed=0

# try NAME COMMAND...: one test.
try()
{
	name=$1
	shift
	n=$((n + 1))
	if "$@" >"$tmp/log" 2>&1; then
		echo "ok $n - $name"
	else
		sed 's/^/# /' "$tmp/log"
		echo "not ok $n - $name"
		failed=1
	fi
}

every_symbol()
{
	nm -D --defined-only "$BUILD/libbpfsys.so" |
		sed -n 's/.* \(bpfsys[a-z0-9_]*\)\(@.*\)*$/\1/p' | sort -u \
		>"$tmp/symbols"
	[ "$(wc -l <"$tmp/symbols")" -gt 60 ] || return 1
	while read -r symbol; do
		[ -s "$man/man3/$symbol.3" ] || echo "no page: $symbol"
	done <"$tmp/symbols" >"$tmp/missing"
	cat "$tmp/missing"
	[ ! -s "$tmp/missing" ]
}

# A page that is not installed yet is not found by those that name it.
lint()
{
	mandoc -Tlint "$man"/man3/*.3 "$man"/man7/*.7 2>/dev/null |
		grep -v "referenced manual not found" >"$tmp/lint"
	cat "$tmp/lint"
	[ ! -s "$tmp/lint" ]
}

# reads PAGE TEXT...: each TEXT is in the page as it is read.
reads()
{
	mandoc -Tutf8 -O width=200 "$man/man3/$1.3" | col -bx |
		tr -s ' \n' ' ' >"$tmp/page"
	shift
	for text in "$@"; do
		grep -qF -- "$text" "$tmp/page" || {
			echo "not in it: $text"
			cat "$tmp/page"
			return 1
		}
	done
}

try "every exported function has a page" every_symbol
try "mandoc finds no fault" lint
try "a command's page" reads bpfsys_map_update_batch \
	"#include <bpfsys/bpfsys.h>" \
	"int bpfsys_map_update_batch(struct bpfsys_map_batch_attr *attr)" \
	"Stores attr->count elements" "count 4 bytes at offset 32" \
	"[E2BIG] a key is no index of the array"
try "what is since when" reads bpfsys_map_create "since Linux 6.9" \
	"[ENOTSUPP]" "RETURN VALUES"
try "a function with a callback" reads bpfsys_trace \
	"void (*report)(const char *line, void *arg)" "void *arg"
try "an inline function" reads bpfsys_ptr "bpfsys_u64"
try "functions that share a comment" reads bpfsys_abi_lasts \
	"const struct bpfsys_last *" "size_t *count" "rows of CMD"
echo "1..$n"
exit $failed
