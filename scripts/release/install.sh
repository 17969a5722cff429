#!/usr/bin/env bash
# Fetches a release and checks it against its checksum.
#
# Usage: scripts/release/install.sh URL VERSION FOLDER      URL: where the releases lie, `…/OWNER/sockbook/releases/download`
set -euo pipefail

url=$1 version=$2
# It is the caller's, and not one below where the archive is unpacked.
folder=$(realpath -m -- "$3")
name=sockbook-$version-$(uname -m)-unknown-linux-musl
fetched=$(mktemp -d)
trap 'rm -rf "$fetched"' EXIT
cd "$fetched"
for file in "$name.tar.gz" "$name.tar.gz.sha256"; do
    curl --fail --silent --show-error --location --retry 3 --output "$file" "$url/v$version/$file"
done
sha256sum --check --quiet "$name.tar.gz.sha256"
tar --extract --gzip --file "$name.tar.gz"
mkdir -p "$folder"
install -m 755 "$name/sockbook" "$folder/sockbook"
