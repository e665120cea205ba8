"""
Fails for a model outside of its gate's limits.

    require_gate.py REPORT   (that of gate.py)
"""

import json
import sys
from pathlib import Path

from errors import ModelError, run


def main() -> None:
    failure = json.loads(Path(sys.argv[1]).read_text()).get("failure")
    if failure:
        raise ModelError(failure["text"])


run(main)
