# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# Line coverage of kernel/bpf by what runs in a VM; sourced, with $tmp a directory
# that may be filled, $here this one and die().
# shellcheck disable=SC2154

: "${GCOV:=gcov}" "${tmp:?}"
counters=/sys/kernel/debug/gcov

# gcov_run OUT OPTION... -- COMMAND...: COMMAND in a VM of the kernel in OUT; boot
# does not count
gcov_run() {
	local out=$1 options=()

	shift
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	# shellcheck disable=SC2016 # the guest's shell expands it
	"$BUILD/bpfvm" "${options[@]}" --out "$counters:$tmp" "$out/bzImage" -- \
		/bin/sh -c 'echo 0 >"$1"/reset && shift && exec "$@"' \
		sh "$counters" "${@:2}"
}

# gcov wants the notes beside the counters, and the source where it was:
# gcov_read OUT leaves $tmp/FILE.c.gcov.
gcov_read() {
	local out=$1 counts file

	cp -r "$out/build" "$out/kernel" "$tmp/" || exit 2
	find "$tmp/gcov" -name '*.gcda' -exec cp {} "$tmp/build/kernel/bpf/" \;
	(cd "$tmp/build" && for counts in kernel/bpf/*.gcda; do
		"$GCOV" "$counts" >"$tmp/gcov.log" 2>&1 || exit 1
		file=$(basename "$counts" .gcda).c
		[ ! -e "$file.gcov" ] || mv "$file.gcov" "$tmp/$file.gcov"
		rm -f ./*.gcov
	done) || { tail -n 5 "$tmp/gcov.log" >&2; die "$GCOV failed"; }
	[ -s "$tmp/syscall.c.gcov" ] || die "no counters of syscall.c"
}

# files: "covered lines file", longest first
files() {
	local gcov

	for gcov in "$tmp"/*.gcov; do
		awk -F: -v file="$(basename "$gcov" .gcov)" '
			$1 ~ /^ *[0-9]/ { covered++; lines++ }
			$1 ~ /#####|=====/ { lines++ }
			END { if (lines) print covered + 0, lines, file }' "$gcov"
	done | sort -k2,2nr
}

percent() { awk "BEGIN { printf \"%.1f\", $1 * 100 / $2 }"; }

# files_table: of Markdown
files_table() {
	echo '| file | lines | reached | % |'
	echo '|---|---|---|---|'
	files | while read -r c l file; do
		echo "| $file | $l | $c | $(percent "$c" "$l") |"
	done
}
