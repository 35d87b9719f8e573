#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# What a wrapper costs beside libbpf's and beside a hand-filled attr and
# syscall(2): instructions in user space, counted by callgrind in a VM, time of a
# million lookups there, and the size of a static program. Fails where a wrapper
# is above libbpf's, or the program above 40 KiB.
set -eu
: "${BUILD:=build}" "${KERNEL:=debian:6.12}" "${LOOKUPS:=1000000}"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
calls=$BUILD/lib/bench/calls
bad=0

"$BUILD/bpfvm" --timeout 300 --in /usr/libexec/valgrind \
	--in "$calls:/root/calls" --out /root/count:"$tmp/count" "$KERNEL" -- \
	"$(command -v valgrind.bin)" --tool=callgrind \
	--callgrind-out-file=/root/count /root/calls 2>"$tmp/err" ||
	{ cat "$tmp/err" >&2; exit 1; }
callgrind_annotate --inclusive=yes --threshold=100 --auto=no "$tmp/count" |
	sed -n 's/^ *\([0-9,]*\) .*calls\.c:\([a-z_]*\) .*/\2 \1/p' |
	tr -d , >"$tmp/costs"

# cost CALL_WAY: instructions of one call, of a thousand that were counted
cost() {
	awk -v name="$1" '$1 == name { found = 1; print int($2 / 1000) }
		END { exit !found }' "$tmp/costs"
}

echo "| instructions in user space | here | libbpf $(pkg-config \
	--modversion libbpf) | by hand |"
echo "|---|---|---|---|"
for call in lookup:map_lookup_elem update:map_update_elem \
	"batch:map_update_batch(1024)" test_run:prog_test_run \
	info:obj_get_info_by_fd; do
	ours=$(cost "${call%%:*}_ours")
	libbpf=$(cost "${call%%:*}_libbpf")
	echo "| ${call#*:} | $ours | $libbpf | $(cost "${call%%:*}_hand") |"
	if [ "$ours" -gt "$libbpf" ]; then
		echo "bench: ${call#*:} costs more than libbpf's" >&2
		bad=1
	fi
done

read -r took libbpf hand < <("$BUILD/bpfvm" --timeout 300 "$KERNEL" -- \
	"$calls" "$LOOKUPS")
cat <<-END

	| time of $LOOKUPS lookups | here | libbpf | by hand |
	|---|---|---|---|
	| $KERNEL in a VM | 1 ($took s) | $libbpf | $hand |

END

size() {
	stat -c %s "$BUILD/lib/bench/$1"
}
echo "| static, stripped, one map call | bytes |"
echo "|---|---|"
echo "| here, musl | $(size one_call_musl) |"
echo "| here, glibc | $(size one_call) |"
echo "| libbpf, glibc | $(size one_call_libbpf) |"
if [ "$(size one_call_musl)" -gt $((40 * 1024)) ]; then
	echo "bench: a static program takes more than 40 KiB" >&2
	bad=1
fi
exit $bad
