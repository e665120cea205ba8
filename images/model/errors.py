"""The one error that is not a bug: something about a model that a person has to mend."""

import sys
from collections.abc import Callable


class ModelError(Exception):
    """Its text is what the person reads: `mkimage: …`, further lines as they are, and no stack."""


def run(main: Callable[[], None]) -> None:
    """Runs a step; an error becomes lines on stdout, which mkimage takes out of the build's log, and exit code 1."""
    try:
        main()
    except ModelError as error:
        sys.exit(print(f"mkimage: {error}", flush=True) or 1)
