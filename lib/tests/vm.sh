#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# The library on a kernel, in a VM: probes against its BTF, and the examples.
#   vm.sh KERNEL
set -u
: "${BUILD:=build}"
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
failed=0

# Numbers go on behind those of lib_probe_vm.
n=6

# has NAME FILE LINE: LINE is one of the FILE's.
has()
{
	n=$((n + 1))
	if grep -qxF -- "$3" "$tmp/out/$2"; then
		echo "ok $n - $1"
	else
		sed 's/^/# /' "$tmp/out/$2"
		echo "not ok $n - $1"
		failed=1
	fi
}

"$BUILD/bpfvm" "$1" -- \
	"$BUILD/tests/lib_probe_vm" || failed=1
cat >"$tmp/run" <<'END'
/ex/map >/tmp/map 2>/tmp/map.err; echo "exit $?" >>/tmp/map
BPFSYS_TRACE=1 /ex/map >/dev/null 2>/tmp/trace
/ex/run >/tmp/run 2>&1; echo "exit $?" >>/tmp/run
/ex/supports >/tmp/supports 2>&1
END
"$BUILD/bpfvm" "$1" --in "$PWD/$BUILD/examples:/ex" --in "$tmp/run:/run.sh" \
	--out "/tmp:$tmp/out" -- sh /run.sh || failed=1
has "map: the elements" map "9: 81"
has "map: ends well" map "exit 0"
has "map: what failed is explained" map.err \
	"E2BIG: the index is max_entries of the array, or more"
has "run: the result" run "returned 42"
has "run: ends well" run "exit 0"
has "supports: a command" supports "command LINK_DETACH: yes"
has "supports: a map type" supports "map type BPF_MAP_TYPE_RINGBUF: yes"
sed 's/0x[0-9a-f]*/0x/g; s/; .*//' "$tmp/out/trace" >"$tmp/out/lines"
has "trace: a call" lines "bpf(BPF_MAP_CREATE, {map_type=2, key_size=4,\
 value_size=8, max_entries=10, map_name=\"squares\"}, 92) = 3"
has "trace: a call that fails" lines \
	"bpf(BPF_MAP_UPDATE_ELEM, {map_fd=3, key=0x, value=0x}, 32) = -1 E2BIG"
echo "1..$n"
exit $failed
