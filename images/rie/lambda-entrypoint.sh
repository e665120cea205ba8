#!/bin/sh
# The image's entry point, as in AWS's base images: on Lambda (AWS_LAMBDA_RUNTIME_API is set) the runtime is started
# directly; elsewhere by the runtime interface emulator, which listens on port 8080.
set -eu

node=/usr/local/bin/node
program=/var/task/index.mjs
rie=/usr/local/bin/aws-lambda-rie

# A wrapper is started in place of the runtime, with the runtime's command line as its arguments, as in AWS's own images:
# https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html#runtime-wrapper
set -- "$node" "$program"
wrapper=${AWS_LAMBDA_EXEC_WRAPPER:-}
if [ -n "$wrapper" ]; then
  if [ ! -f "$wrapper" ] || [ ! -x "$wrapper" ]; then
    echo "mkimage: AWS_LAMBDA_EXEC_WRAPPER names $wrapper, which is not an executable file of this image." >&2
    exit 127
  fi
  set -- "$wrapper" "$@"
fi

if [ -n "${AWS_LAMBDA_RUNTIME_API:-}" ]; then
  exec "$@"
fi
if [ -x "$rie" ]; then
  exec "$rie" "$@"
fi
echo "mkimage: AWS_LAMBDA_RUNTIME_API is unset and this image carries no runtime interface emulator." >&2
echo "mkimage: run it on Lambda, mount an emulator at $rie, or build it without --no-rie." >&2
exit 1
