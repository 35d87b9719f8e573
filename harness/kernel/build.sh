#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# Builds Linux 6.12 with the config beside this script and PATCH applied, and
# prints the directory that then holds bzImage and, for gcov, kernel/bpf/*.c and
# build/kernel/bpf/*.gcno. All patches share one tree in the cache, so that only
# the first build is a whole one. Sources: KSRC, a tree or a tarball of one, else
# Debian's package linux-source-6.12; they are copied once, so remove the
# "measure" directory of the cache to have them anew. V=1 shows make's own words.
set -eu

[ $# = 1 ] || { echo "usage: $0 PATCH" >&2; exit 2; }
patch=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
: "${CC:=gcc}" "${KSRC:=}"
work=${XDG_CACHE_HOME:-$HOME/.cache}/bpfsys/measure
tree=$work/linux

say() { echo "kernel: $*" >&2; }
die() { say "$*"; exit 1; }

for tool in "$CC" make flex bison bc pahole patch flock; do
	command -v "$tool" >/dev/null 2>&1 ||
		die "$tool: not found; Debian: apt install bc bison" \
			"dwarves flex gcc libelf-dev libssl-dev make patch xz-utils"
done

# A patch but for the words before it.
diff_of() { sed -n '/^--- /,$p' "$1"; }

bring_source()
{
	[ -n "$KSRC" ] || KSRC=$("$here/../../vm/kernels/source.sh" 6.12)
	say "copying $KSRC"
	rm -rf "$tree" "$tree.new"
	mkdir "$tree.new"
	if [ -d "$KSRC" ]; then
		tar -c -C "$KSRC" --exclude=./.git . | tar -x -C "$tree.new"
		make -s -C "$tree.new" mrproper
	else
		tar -xf "$KSRC" -C "$tree.new" --strip-components=1
	fi
	echo "$from" >"$tree.new/from"
	mv "$tree.new" "$tree"
	rm -rf "$work/built"
}

# The build directory lies in the tree, so that what gcov is told of files is
# relative.
kmake()
{
	KBUILD_BUILD_TIMESTAMP='Thu Jan  1 00:00:00 UTC 1970' \
		KBUILD_BUILD_USER=bpfsys KBUILD_BUILD_HOST=bpfsys \
		KBUILD_BUILD_VERSION=1 LC_ALL=C MAKEFLAGS='' \
		nice -n 19 make -C "$tree" O=build ARCH=x86_64 CC="$CC" \
		LOCALVERSION= "$@"
}

# Kconfig drops in silence what it does not know or cannot have.
configure()
{
	kmake -s tinyconfig || return 1
	cat "$here/config" >>"$tree/build/.config"
	kmake -s olddefconfig || return 1
	if grep '^CONFIG_' "$here/config" |
		grep -vxFf "$tree/build/.config"; then
		echo "Kconfig did not take these lines"
		return 1
	fi
	cp "$here/config" "$tree/build/config"
}

# logged WHAT COMMAND...
logged()
{
	what=$1
	shift
	say "$what"
	if [ -n "${V-}" ]; then
		"$@" >&2 || die "$what failed"
	elif ! "$@" >"$work/build.log" 2>&1; then
		tail -n 20 "$work/build.log" >&2
		die "$what failed; all that make said: $work/build.log"
	fi
}

mkdir -p "$work"
exec 9>"$work/lock"
flock 9
key=$({ diff_of "$patch"; cat "$here/config" "$0"; } | sha256sum | cut -c1-16)
out=$work/built/$key
from=${KSRC:-debian}
if [ ! -d "$tree" ] || [ "$(cat "$tree/from")" != "$from" ]; then
	bring_source
fi
if [ -e "$out/bzImage" ]; then
	touch "$out"
	echo "$out"
	exit 0
fi

# What the last build has applied goes before the next comes.
if ! diff_of "$patch" | cmp -s - "$tree/applied"; then
	if [ -e "$tree/applied" ]; then
		patch -s -R -p1 -d "$tree" <"$tree/applied"
		rm "$tree/applied"
	fi
	patch -s --no-backup-if-mismatch -p1 -d "$tree" <"$patch" >&2 ||
		die "$patch does not apply to $tree; remove that"
	diff_of "$patch" >"$tree/applied"
fi
cmp -s "$here/config" "$tree/build/config" || logged configuring configure
logged "compiling, which takes ten minutes the first time" \
	kmake -j"$(nproc)" bzImage

# Of former patches and configs the newest stay.
mkdir -p "$work/built"
find "$work/built" -mindepth 1 -maxdepth 1 -printf '%T@ %p\n' |
	sort -rn | tail -n +4 | cut -d' ' -f2- | xargs -r rm -rf
rm -rf "$out.new"
mkdir -p "$out.new/build/kernel/bpf" "$out.new/kernel/bpf"
cp "$tree/build/arch/x86/boot/bzImage" "$tree/build/.config" \
	"$tree/build/include/config/kernel.release" "$out.new/"
cp "$tree"/kernel/bpf/*.[ch] "$out.new/kernel/bpf/"
find "$tree/build/kernel/bpf" -name '*.gcno' \
	-exec cp {} "$out.new/build/kernel/bpf/" \;
mv "$out.new" "$out"
say "$(cat "$out/kernel.release") with $(basename "$patch")"
echo "$out"
