"""
Compares the answers of a converted model with those of its source for the spec's samples, and reports where they are outside of
the gate's limits: mkimage shows this for all models of a build at once, and require_gate.py keeps the model out of every image.

    gate.py FILES SAMPLES MADE REPORT   (the gate is JSON in $GATE, the recipe in $RECIPE)
"""

import json
import os
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnxruntime as ort

from figures import AT_LEAST, COMPARE, OVER_ALL, Figures
from errors import ModelError, run
from samples import MANIFEST, Feeder, Sample, read_texts
from sessions import NO_SATURATION, open_session, reason_of

SHOWN = 12
# Samples between two lines that tell how far it is, which mkimage shows.
TOLD = 10


class Answers(NamedTuple):
    """The inputs, and how the answers to them are compared."""

    kind: str
    manifest: dict[str, Any]
    texts: list[Sample]


VECTORS = ["last_hidden_state", "token_embeddings", "sentence_embedding"]


def output_of(session: ort.InferenceSession, manifest: dict[str, Any]) -> str:
    """Name of the output to compare: the spec's, logits, or the vectors that the runtime chooses (runtime/model/outputs.ts)."""
    floats = [each for each in session.get_outputs() if each.type in ("tensor(float)", "tensor(float16)")]
    known = [*(manifest.get("outputs") or {}).values(), "logits", "start_logits", *VECTORS]
    named = [each.name for name in known for each in floats if each.name == name]
    ranked = [each.name for rank in (3, 2) for each in floats if len(each.shape) == rank]
    for name in named + ranked:
        return name
    raise ModelError("a graph has no output that can be compared")


def _passes(figure: str, value: float, limit: float) -> bool:
    return value >= limit if AT_LEAST[figure] else value <= limit


def _mean(rows: list[Figures], figure: str) -> float:
    return float(np.mean([row[figure] for row in rows]))


def _worst(rows: list[Figures], figure: str) -> float:
    return (min if AT_LEAST[figure] else max)(row[figure] for row in rows)


def _summary(rows: list[Figures]) -> Figures:
    """The figures for the report, rounded, since further digits depend on the build machine."""
    figures: Figures = {}
    for figure in rows[0]:
        figures[f"{figure}.mean"] = round(_mean(rows, figure), 4)
        if figure not in OVER_ALL:
            figures[f"{figure}.{'min' if AT_LEAST[figure] else 'max'}"] = round(_worst(rows, figure), 4)
    return figures


def _failures(texts: list[Sample], rows: list[Figures], limits: dict[str, float]) -> list[tuple[str, str, float, float]]:
    failures = []
    for figure in rows[0]:
        limit = limits[figure]
        if figure in OVER_ALL:
            if not _passes(figure, _mean(rows, figure), limit):
                failures.append(("all samples", figure, _mean(rows, figure), limit))
            continue
        bad = [(text, row[figure]) for text, row in zip(texts, rows, strict=True) if not _passes(figure, row[figure], limit)]
        bad.sort(key=lambda pair: pair[1], reverse=not AT_LEAST[figure])
        failures += [(json.dumps(text, ensure_ascii=False), figure, value, limit) for text, value in bad]
    return failures


def _table(failures: list[tuple[str, str, float, float]]) -> str:
    def cut(text: str) -> str:
        return text if len(text) <= 60 else f"{text[:59]}…"

    rows = [("sample", "figure", "value", "gate")]
    for sample, figure, value, limit in failures[:SHOWN]:
        rows.append((cut(sample), figure, f"{value:.4f}", f"{'>=' if AT_LEAST[figure] else '<='} {limit:g}"))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    if len(failures) > SHOWN:
        lines.append(f"… and {len(failures) - SHOWN} more")
    return "\n".join(lines)


def _run(session: ort.InferenceSession, output: str, feed: dict[str, np.ndarray]) -> np.ndarray:
    try:
        return session.run([output], feed)[0].astype(np.float64)
    except Exception as error:  # ONNX Runtime's exceptions have no common base class but this
        raise ModelError(f"a graph cannot be run with its samples: {reason_of(error)}") from None


def _too_long(fits: int, manifest: dict[str, Any]) -> ModelError:
    name = manifest["name"]
    limits = f"its graph takes {fits} tokens, and maxTokens is {manifest['maxTokens']}"
    return ModelError(f'model "{name}": {limits}: write "maxTokens": {fits} into models/{name}.json')


def _open_made(path: Path, recipe: dict[str, Any], manifest: dict[str, Any]) -> ort.InferenceSession:
    """As the runtime loads it (runtime/serving/open-model.ts), but without saturation if the target's CPU does not saturate."""
    if recipe["method"] == "dynamic" and not recipe["reduceRange"]:
        return open_session(path, "all", NO_SATURATION)
    return open_session(path, "none" if manifest["optimized"] else "all")


def compare(source: ort.InferenceSession, model: ort.InferenceSession, feeder: Feeder, answers: Answers) -> list[Figures]:
    """The figures of each sample."""
    output = output_of(source, answers.manifest)
    figures = COMPARE["embedding" if output in VECTORS else answers.kind]
    rows = []
    for text, feed in zip(answers.texts, feeder.feeds(source, answers.texts), strict=True):
        if len(rows) % TOLD == 0:
            print(f"progress {len(rows)}/{len(answers.texts)}", file=sys.stderr, flush=True)
        try:
            expected, answer = (_run(each, output, feed) for each in (source, model))
        except ModelError:
            fits = feeder.longest(source, text)
            if fits == 0:
                raise
            raise _too_long(fits, answers.manifest) from None
        if not np.isfinite(answer).all():
            raise ModelError(f'model "{answers.manifest["name"]}" gives numbers that are not finite')
        rows.append(figures(expected, answer, answers.manifest))
    return rows


def main() -> None:
    """Writes the report: that of convert.py, and the figures of every graph; those of model.onnx have no prefix."""
    files, samples, made, facts = map(Path, sys.argv[1:])
    recipe, gate = json.loads(os.environ["RECIPE"]), json.loads(os.environ["GATE"])
    manifest = json.loads((made / MANIFEST).read_text())
    answers = Answers(gate["kind"], manifest, read_texts(samples))
    feeder = Feeder(files, manifest.get("maxTokens", 512))
    limits = gate["limits"]
    graphs = json.loads(facts.read_text())
    summary: Figures = {}
    failed: list[str] = []
    below: set[str] = set()
    for graph in graphs:
        source, model = open_session(files / graph, "none"), _open_made(made / graph, recipe, manifest)
        rows = compare(source, model, feeder, answers)
        failures = _failures(answers.texts, rows, limits)
        if failures:
            what = f'model "{manifest["name"]}" as {os.environ["QUANTIZATION"]} is not as accurate as its gate requires'
            share = f"{len({sample for sample, *_ in failures})} of {len(rows)} samples"
            failed.append(f"{what}: {share}{'' if graph == 'model.onnx' else f' of {graph}'}\n{_table(failures)}")
            below |= {figure for _, figure, _, _ in failures}
        prefix = "" if graph == "model.onnx" else f"{Path(graph).stem}."
        summary |= {f"{prefix}{figure}": value for figure, value in _summary(rows).items()}
    report = {"graphs": graphs, "figures": summary, "samples": len(answers.texts)}
    if failed:
        report["failure"] = {"text": "\n".join(failed), "limits": {figure: limits[figure] for figure in sorted(below)}}
    facts.write_text(json.dumps(report, sort_keys=True, indent=2) + "\n")


if __name__ == "__main__":
    run(main)
