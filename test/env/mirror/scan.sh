#!/bin/sh
# What BuildKit asks of a scanner: https://github.com/moby/buildkit/blob/master/docs/attestations/sbom-protocol.md
set -eu
export SYFT_CHECK_FOR_APP_UPDATE=false
for folder in "$BUILDKIT_SCAN_SOURCE" "${BUILDKIT_SCAN_SOURCE_EXTRAS:-/nonexistent}"/*; do
  [ -d "$folder" ] || continue
  {
    printf '{"_type":"https://in-toto.io/Statement/v0.1","predicateType":"https://spdx.dev/Document","predicate":'
    syft scan "dir:$folder" --quiet --output spdx-json
    printf '}'
  } >"$BUILDKIT_SCAN_DESTINATION/$(basename "$folder").spdx.json"
done
