"""The error for a problem of the model, which the user has to fix; any other error is a bug."""

import sys
from collections.abc import Callable


class ModelError(Exception):
    """Its text is shown to the user as `mkimage: …`, without a stack."""


def run(main: Callable[[], None]) -> None:
    """Runs a step; a ModelError is printed to stdout, where mkimage finds it in the build's log, and exits with code 1."""
    try:
        main()
    except ModelError as error:
        sys.exit(print(f"mkimage: {error}", flush=True) or 1)
