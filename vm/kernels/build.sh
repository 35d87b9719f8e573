#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# Builds an x86-64 kernel of tinyconfig and FRAGMENT from KSRC, a source tree or
# a tarball of one, into OUT, which bpfvm takes as a build tree. PATCH is applied
# to what comes from a tarball. NAME.make beside a fragment NAME.config has
# variables for make. What is there already, of the same fragment, source and
# compiler, is left alone. V=1 shows make's own words; CC names the compiler.
set -eu

case $# in
3 | 4) ;;
*) echo "usage: $0 FRAGMENT KSRC OUT [PATCH]" >&2; exit 2 ;;
esac
fragment=$1
ksrc=$2
out=$3
patch=${4-}
: "${CC:=gcc}"

say() { echo "kernel: $*" >&2; }
die() { say "$*"; exit 1; }

for tool in "$CC" make flex bison bc ld pahole sha256sum; do
	command -v "$tool" >/dev/null 2>&1 || die "$tool: not found"
done
[ -r "$fragment" ] || die "$fragment: cannot be read"
[ -e "$ksrc" ] || die "$ksrc: no such file or directory"
[ -z "$patch" ] || patch=$(realpath -e "$patch") || exit 1
[ -z "$patch" ] || [ ! -d "$ksrc" ] ||
	die "$ksrc: a tree, which is never patched: name a tarball of it"
vars=${fragment%.config}.make
[ -e "$vars" ] || vars=/dev/null

# A tree is known by the names, sizes and times of its files.
key_of()
{
	{
		cat "$fragment" "$vars" "$0"
		[ -z "$patch" ] || cat "$patch"
		"$CC" --version
		ld --version
		if [ -d "$ksrc" ]; then
			find "$ksrc" -name .git -prune -o -type f \
				-printf '%P %s %T@\n' | LC_ALL=C sort
		else
			cat "$ksrc"
		fi
	} | sha256sum | cut -d' ' -f1
}

mkdir -p "$out"
out=$(cd "$out" && pwd)
# One builds, the others wait for it.
exec 9>"$out/lock"
flock 9
key=$(key_of)
[ "$(cat "$out/key" 2>/dev/null)" != "$key" ] || exit 0
rm -f "$out/key"
if [ "$(cat "$out/key.wanted" 2>/dev/null)" != "$key" ]; then
	find "$out" -mindepth 1 -maxdepth 1 ! -name lock -exec rm -rf {} +
	echo "$key" >"$out/key.wanted"
fi

unpack()
{
	[ ! -e "$out/linux/.whole" ] || return 0
	say "unpacking $ksrc"
	rm -rf "$out/linux"
	mkdir "$out/linux"
	tar -xf "$ksrc" -C "$out/linux" --strip-components=1
	[ -z "$patch" ] || patch -s -p1 -d "$out/linux" <"$patch" >&2 ||
		die "$patch does not apply"
	touch "$out/linux/.whole"
}

if [ -d "$ksrc" ]; then
	src=$(cd "$ksrc" && pwd)
else
	unpack
	src=$out/linux
fi

# Two builds of one source are the same, wherever and whenever they are made.
kmake()
{
	while IFS= read -r var; do
		case $var in
		[A-Z]*=*) set -- "$@" "$var" ;;
		esac
	done <"$vars"
	KBUILD_BUILD_TIMESTAMP='Thu Jan  1 00:00:00 UTC 1970' \
		KBUILD_BUILD_USER=bpfsys KBUILD_BUILD_HOST=bpfsys \
		KBUILD_BUILD_VERSION=1 LC_ALL=C MAKEFLAGS='' \
		nice make -C "$src" O="$out" ARCH=x86_64 CC="$CC" LOCALVERSION= \
		KCFLAGS="-ffile-prefix-map=$out=. -ffile-prefix-map=$src/=" "$@"
}

configure()
{
	kmake tinyconfig
	sed 's/^#? //' "$fragment" >>"$out/.config"
	kmake olddefconfig
	# Kconfig drops in silence what it does not know or cannot have; after
	# "#? " that is fine, for what only some releases have.
	grep -E '^(# )?CONFIG_' "$fragment" | while read -r line; do
		case $line in
		\#*) ! grep -q "^$(echo "$line" | cut -d' ' -f2)=" \
			"$out/.config" ;;
		*) grep -qxF "$line" "$out/.config" ;;
		esac || echo "$line"
	done >"$out/dropped"
	[ ! -s "$out/dropped" ]
}

# What make says, or of that only how far it is.
show()
{
	if [ -n "${V-}" ]; then
		cat >&2
	else
		awk '/^  [A-Z]/ && ++n % 250 == 0 {
			print "kernel: " n " steps" > "/dev/stderr" }'
	fi
}

step()
{
	name=$1
	shift
	{ "$@" 2>&1 || echo "FAILED"; } | tee "$out/build.log" | show
	if [ "$(tail -n 1 "$out/build.log")" = FAILED ]; then
		tail -n 20 "$out/build.log" >&2
		[ ! -s "$out/dropped" ] ||
			say "Kconfig did not take: $(tr '\n' ' ' <"$out/dropped")"
		die "$name failed; all that make said: $out/build.log"
	fi
}

say "configuring"
step configuring configure
say "compiling; this takes some minutes"
step compiling kmake -j"$(nproc)" bzImage modules
# Of a source that we unpacked what modules are built against stays, and what is
# shown beside coverage; of the objects only what was made of them. KEEP=1 keeps
# all, to go on by hand.
if [ "$src" = "$out/linux" ] && [ -z "${KEEP-}" ]; then
	find "$src" -mindepth 1 -maxdepth 1 ! -name Makefile ! -name include \
		! -name arch ! -name scripts ! -name kernel ! -name net \
		-exec rm -rf {} +
	find "$src/arch" -mindepth 1 -maxdepth 1 ! -name x86 -exec rm -rf {} +
	find "$out" -path "$out/linux" -prune -o \( -name '*.o' -o -name '*.a' \
		-o -name '.*.cmd' -o -name '.tmp_*' \) -type f -exec rm -f {} +
fi
echo "$key" >"$out/key"
say "$out: $(cat "$out/include/config/kernel.release")"
