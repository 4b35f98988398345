#!/bin/sh
# Lays out, under the folder that is given, what the images hold. Runs in the build stage of infra/Dockerfile.
#   runtime/   Node, the libraries that it and SQLite's module need, and the probe: the root of both images
#   oort/      router and command line, what they read from beside themselves, and SQLite's module
#   assets/    files that Caddy serves
#   volumes/   empty folders: a volume that is mounted there takes over owner and mode
set -eu
image=$1
node=node_modules/node/bin/node
sqlite=node_modules/better-sqlite3
binding=prebuilds/linux-$("$node" -p process.arch).node

mkdir -p "$image/runtime/tmp" "$image/assets"
chmod 1777 "$image/runtime/tmp"
install -d -m 700 "$image/volumes/data" "$image/volumes/backups"
install -D -m 755 "$node" "$image/runtime/usr/local/bin/node"
install -D -m 644 infra/image/probe.ts "$image/runtime/probe.ts"
ldd "$node" "$sqlite/$binding" | grep -o '[[:space:]]/[^ ]*' | sort -u | while read -r library; do
  install -D -m 755 "$library" "$image/runtime$library"
done

mkdir -p "$image/oort/$sqlite/prebuilds"
cp -R "$sqlite/package.json" "$sqlite/LICENSE" "$sqlite/lib" "$image/oort/$sqlite"
cp "$sqlite/$binding" "$image/oort/$sqlite/$binding"
# Bundles of single functions, those of other hosts and source maps stay behind.
cp -R dist/. "$image/oort"
rm -rf "$image/oort/functions" "$image/oort/lambda" "$image/oort/meta" "$image/oort"/*.map "$image/oort"/serve.js*
"$node" -p 'JSON.stringify({ name: "oort", version: require("./package.json").version, type: "module" })' \
  >"$image/oort/package.json"
if [ -d dist/assets ]; then cp -R dist/assets/. "$image/assets"; fi
