"""
Writes the reference's reply to each sample of a spec, for `mkimage test --update`.

    reference.py FILES MADE SAMPLES OUT

SAMPLES is a list of {inputs, parameters}. OUT becomes {reference, replies}: what has answered, and a list of {reply}, or of
{reason} where there is no reference.
"""

import json
import platform
import sys
from pathlib import Path
from typing import Any

import onnxruntime
import tokenizers

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

    versions = f"tokenizers {tokenizers.__version__}, ONNX Runtime {onnxruntime.__version__}"
    reference = f"Python {platform.python_version()}, {versions}, the model's files as they are in its source"
    out.write_text(json.dumps({"reference": reference, "replies": [one(sample) for sample in asked]}, ensure_ascii=False))


run(main)
