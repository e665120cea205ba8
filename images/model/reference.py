"""
Writes the reference's reply to each sample of a spec, for `mkimage test --update`.

    reference.py FILES MADE SAMPLES OUT

SAMPLES is a list of {inputs, parameters}; OUT becomes a list of {reply}, or of {reason} where there is no reference.
"""

import json
import sys
from pathlib import Path
from typing import Any

from errors import run
from replies import REPLIES, NoReference, Reference
from samples import MANIFEST, read_json


def main() -> None:
    files, made, samples, out = map(Path, sys.argv[1:])
    manifest = read_json(made / MANIFEST)
    reply = REPLIES.get(manifest["task"])
    asked = json.loads(samples.read_text())
    model = Reference(files, manifest) if reply else None

    def one(sample: dict[str, Any]) -> dict[str, Any]:
        if not (reply and model):
            return {"reason": f"it has no reply for {manifest['task']}"}
        try:
            return {"reply": reply(model, sample["inputs"], sample.get("parameters") or {})}
        except NoReference as reason:
            return {"reason": str(reason)}

    out.write_text(json.dumps([one(sample) for sample in asked], ensure_ascii=False))


run(main)
