#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# Says where the tarball of Debian's linux-source-VERSION is; downloads it into
# the cache with apt if it is neither there nor installed: of the host's own
# suites, else of newer ones, whose lists are kept apart from the host's.
set -eu

[ $# = 1 ] || { echo "usage: $0 VERSION" >&2; exit 2; }
name=linux-source-$1
dir=${XDG_CACHE_HOME:-$HOME/.cache}/bpfsys/source
for there in "/usr/src/$name.tar.xz" "$dir/$name.tar.xz"; do
	if [ -r "$there" ]; then
		echo "$there"
		exit 0
	fi
done
mkdir -p "$dir"
tmp=$(mktemp -d "$dir/.tmp-XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM

fetch()
{
	apt-get -qq -o APT::Sandbox::User=root "$@" download "$name" >&2
}

# fetch_newer DIR: with lists in DIR, of the mirror that the host uses. What is
# trusted is Debian's archive keyring alone.
fetch_newer()
{
	# shellcheck disable=SC2016 # apt expands it
	mirror=$(apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' \
		'Created-By: Packages' |
		sed -n '/security/d; s/^\(Debian\|\) //p' | head -n 1)
	[ -n "$mirror" ] || return 1
	mkdir -p "$1/lists/partial" "$1/cache/archives/partial"
	: >"$1/status"
	for suite in trixie-backports trixie bookworm-backports; do
		echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main"
	done >"$1/sources.list"
	newer=$1
	set -- -o Dir::Etc::SourceList="$newer/sources.list" \
		-o Dir::Etc::SourceParts=/dev/null \
		-o Dir::Etc::Preferences=/dev/null \
		-o Dir::Etc::PreferencesParts=/dev/null \
		-o Dir::State::Lists="$newer/lists" \
		-o Dir::State::status="$newer/status" \
		-o Dir::Cache="$newer/cache" -o Acquire::Languages=none
	apt-get -qq -o APT::Sandbox::User=root \
		-o APT::Update::Post-Invoke=: "$@" update >&2
	fetch "$@"
}

echo "kernel: downloading $name" >&2
cd "$tmp"
fetch 2>/dev/null || fetch_newer "$tmp/apt" || {
	echo "kernel: apt-get download $name failed: apt-get update, or name a tree by KSRC" >&2
	exit 1
}
dpkg-deb --fsys-tarfile ./*.deb | tar -x "./usr/src/$name.tar.xz"
mv "usr/src/$name.tar.xz" "$dir/"
echo "$dir/$name.tar.xz"
