#!/bin/sh
# The image's entry point, as in AWS's base images: on Lambda (AWS_LAMBDA_RUNTIME_API is set) the runtime is started
# directly; elsewhere by the runtime interface emulator, which listens on port 8080.
set -eu

node=/usr/local/bin/node
program=/var/task/index.mjs
rie=/usr/local/bin/aws-lambda-rie

if [ -n "${AWS_LAMBDA_RUNTIME_API:-}" ]; then
  exec "$node" "$program"
fi
if [ -x "$rie" ]; then
  exec "$rie" "$node" "$program"
fi
echo "mkimage: AWS_LAMBDA_RUNTIME_API is unset and this image carries no runtime interface emulator." >&2
echo "mkimage: run it on Lambda, mount an emulator at $rie, or build it without --no-rie." >&2
exit 1
