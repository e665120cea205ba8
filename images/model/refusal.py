"""The one error that is not a bug: something about a model that a person has to mend."""

import sys
from collections.abc import Callable


class Refused(Exception):
    """Its text is what the person reads: `mkimage: …`, further lines as they are, and no stack."""


def run(main: Callable[[], None]) -> None:
    """Runs a step; a refusal becomes lines on stdout, which mkimage takes out of the build's log, and exit code 1."""
    try:
        main()
    except Refused as refusal:
        sys.exit(print(f"mkimage: {refusal}", flush=True) or 1)
