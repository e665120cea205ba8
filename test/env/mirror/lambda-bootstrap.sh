#!/bin/sh
# As in AWS's own image for Python: its runtime interface client has the handler's folder and its own on the path.
export PYTHONPATH="$LAMBDA_RUNTIME_DIR"
exec /usr/local/bin/python3 -m awslambdaric "$_HANDLER"
