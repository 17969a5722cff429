#!/usr/bin/env bash
# Builds a release: the static program with its manual pages, completions and licences as an archive, and its checksum.
#
# Usage: scripts/release/build.sh [TARGET]      (x86_64-unknown-linux-musl, or this machine's)
# Into $OUT (target/release-files): the archive, the .deb where cargo-deb is installed, and what the image is made of.
set -euo pipefail
cd "$(dirname "$0")/../.."

target=${1:-$(uname -m)-unknown-linux-musl}
out=$(realpath -m "${OUT:-target/release-files}")
built=${CARGO_TARGET_DIR:-target}/$target/release
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
name=sockbook-$version-$target

# At a fixed address: else the program moves 16,000 addresses of its own at each start.
RUSTFLAGS="-C relocation-model=static ${RUSTFLAGS:-}" cargo build --release --locked --target "$target" --bin sockbook
program=$built/sockbook

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
files=$stage/$name
mkdir -p "$files"/{completions,man/es} "$out"
install -m 755 "$program" "$files/sockbook"
"$program" man --lang en >"$files/man/sockbook.1"
"$program" man --lang es >"$files/man/es/sockbook.1"
"$program" completions bash --lang en >"$files/completions/sockbook.bash"
"$program" completions zsh --lang en >"$files/completions/_sockbook"
"$program" completions fish --lang en >"$files/completions/sockbook.fish"
cp README.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE "$files"

# Reproducible: the same commit yields the same bytes.
time=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
tar --directory "$stage" --sort=name --mtime="@$time" --owner=0 --group=0 --numeric-owner --mode=go=rX,u+rw,a-s \
    --create "$name" | gzip --no-name --best >"$out/$name.tar.gz"

# What the Dockerfile beside this takes; its systems have other names for machines.
case $target in x86_64-*) machine=amd64 ;; aarch64-*) machine=arm64 ;; *) machine=${target%%-*} ;; esac
install -D -m 755 "$program" "$out/image/$machine/sockbook"

packages=("$name.tar.gz")
if command -v cargo-deb >/dev/null; then
    # The assets that Cargo.toml names.
    mkdir -p target/deb
    gzip --no-name --best --stdout "$files/man/sockbook.1" >target/deb/sockbook.1.gz
    gzip --no-name --best --stdout "$files/man/es/sockbook.1" >target/deb/sockbook.es.1.gz
    cp "$files"/completions/* target/deb/
    packages+=("$(basename "$(SOURCE_DATE_EPOCH=$time cargo deb --no-build --target "$target" --output "$out/" | tail -n 1)")")
fi

cd "$out"
for package in "${packages[@]}"; do
    sha256sum "$package" | tee "$package.sha256"
done
