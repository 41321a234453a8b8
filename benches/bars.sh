#!/usr/bin/env bash
# Prints what the chain patterns leave and keep in two packages of the promise era, and how long a scan of both takes.
# Needs npm for the packages, GNU time for the memory.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for package in firebase-tools@4.0.0 lighthouse@2.9.4; do
  (cd "$work" && npm pack --silent "$package" >/dev/null)
  mkdir "$work/${package%@*}"
  tar xzf "$work/${package/@/-}.tgz" -C "$work/${package%@*}" --strip-components=1
done
cargo build --release --example bars --bin unpyramid --quiet
both=("$work/firebase-tools/lib" "$work/lighthouse/lighthouse-core")
target/release/examples/bars "${both[@]}"
for _ in 1 2 3; do
  /usr/bin/time -f 'scan of both: %e s wall, %U s user, %M KiB' target/release/unpyramid scan "${both[@]}" >/dev/null || true
done
