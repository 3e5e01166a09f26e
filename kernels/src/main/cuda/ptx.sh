#!/usr/bin/env bash
# Compiles the kernels to the PTX that the jar ships: for GPUs of compute capability 8.0 and newer,
# whose driver makes machine code of it; those named Hopper for compute capability 9.0 alone.
#   ptx.sh          writes src/main/resources anew if a source or a result has changed; the build runs it
#   ptx.sh FOLDER   writes another folder, always
# Without nvcc the first does nothing: a test says then what is stale.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# nvcc writes the newest PTX version it knows, which only the newest drivers read. The kernels need no
# newer one than this: the tests assemble it. 7.1 is read by drivers from CUDA 11.1 on, 8.0 by those
# from CUDA 12.0 on.
target_and_version() {
  case "$1" in
    *Hopper.cu) echo compute_90a 8.0 ;;
    *) echo compute_80 7.1 ;;
  esac
}

out="${1:-../resources/io/longreach/kernels/cuda/ptx}"
sums() {
  sha256sum ./*.cu ./*.cuh ptx.sh | sed 's:\./::'
  (cd "$out" 2> /dev/null && sha256sum -- *.ptx 2> /dev/null) || true
}

if [ $# -eq 0 ]; then
  if [ "$(sums)" = "$(cat "$out/SHA256SUMS" 2> /dev/null)" ]; then exit 0; fi
  command -v nvcc > /dev/null || exit 0
  echo "Compiling the CUDA kernels to PTX: commit what changes in kernels/src/main/resources" >&2
fi
mkdir -p "$out"
fresh="$(mktemp -d)"
trap 'rm -rf "$fresh"' EXIT
for source in *.cu; do
  result="$fresh/${source%.cu}.ptx"
  read -r target version <<< "$(target_and_version "$source")"
  nvcc -std=c++17 -O3 -arch="$target" -ptx "$source" -o "$result"
  # The names of anonymous namespaces hold the path of the source: without them the result is the
  # same everywhere.
  part='[0-9a-f]{8}_[0-9]+_[A-Za-z0-9_]*_cu_[0-9a-f]{8}'
  sed -E -i \
    -e "s/^\.version .*/.version $version/" \
    -e "s/[0-9]+_INTERNAL_${part}[0-9]+_GLOBAL__N__${part}//g" \
    -e '/ has been demoted$/d' "$result"
done
rm -f "$out"/*.ptx
cp "$fresh"/*.ptx "$out"
sums > "$out/SHA256SUMS"
