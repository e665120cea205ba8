"""
Converts a model's source into the files of an image: graphs are quantized by a recipe and optimized for the target, with
their weights in external files that ONNX Runtime maps. All other files are copied.

    convert.py FILES SAMPLES OUT REPORT   (the recipe is JSON in $RECIPE)
"""

import json
import logging
import os
import shutil
import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import onnx

from recipes import METHODS, Feeds
from errors import ModelError, run
from samples import MANIFEST, Feeder, Sample, read_texts
from sessions import open_session, optimized
from check_source import check_source
from tokenizer_files import write_tokenizer_files
from weights import bytes_by_type, narrow_bytes, write_model


def _megabytes(counted: dict[str, int]) -> str:
    return f"{sum(counted.values()) / 1e6:.1f} MB"


def _notes(recipe: dict[str, Any], source: dict[str, int], made: dict[str, int], loaded: dict[str, int]) -> list[str]:
    """Unexpected facts about the weights that the recipe `made` and ONNX Runtime `loaded`."""
    if recipe["method"] == "keep" and recipe["optimize"] != "never":
        if narrow_bytes(loaded) * 2 < narrow_bytes(source):
            return [f"its source has narrow weights ({_megabytes(source)}): they are unfolded to {_megabytes(loaded)}"]
        return []
    narrow, kept = narrow_bytes(made), narrow_bytes(loaded)
    if narrow == 0:
        return ["none of its weights is quantized: it is no smaller and no faster than fp32"]
    if kept < 0.9 * narrow:
        return [
            f"ONNX Runtime folds {'it' if kept < 0.1 * narrow else 'part of it'} back to 32 bits when it loads it: "
            f"{_megabytes(made)} in the image become {_megabytes(loaded)} in memory, and what is folded is no faster than fp32"
        ]
    return []


def _quantized(start: Path, recipe: dict[str, Any], feeds: Feeds, name: str) -> onnx.ModelProto:
    try:
        return METHODS[recipe["method"]](start, recipe, feeds)
    except ModelError:
        raise
    except Exception as error:  # the quantizers assert their assumptions about a graph
        what = " ".join(str(error).split())[:300] or "it has operators or branches that this method cannot handle"
        raise ModelError(f'{name} cannot be quantized by "{recipe["method"]}": {type(error).__name__}: {what}') from None


def _is_settled(model: onnx.ModelProto, loaded: onnx.ModelProto) -> bool:
    """
    Whether ONNX Runtime finds nothing to optimize when it loads a graph, on any CPU: then it need not search. Graphs with
    convolutions are excluded, since some CPUs have their own layouts for them.
    """
    operators = [Counter(node.op_type for node in each.graph.node) for each in (model, loaded)]
    if any("Conv" in operator for operator in operators[0]):
        return False
    return operators[0] == operators[1] and bytes_by_type(model) == bytes_by_type(loaded)


def convert(path: Path, recipe: dict[str, Any], feeder: Feeder, texts: list[Sample], out: Path) -> tuple[dict[str, Any], bool]:
    """Converts one graph; returns its part of the report, and whether it can be loaded without optimization."""
    config = recipe.get("session", {})
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        as_shipped = open_session(path, "none")
        source = bytes_by_type(onnx.load(path))
        before = {"before": "extended", "after": "basic", "never": None}[recipe["optimize"]]
        start = path
        if before:
            # Folds constants of the source, so that every recipe starts from weights in fp32.
            start = scratch / "start.onnx"
            write_model(optimized(path, scratch / "before", before, config), start)
        model = _quantized(start, recipe, feeder.feeds(as_shipped, texts), path.name)
        made = bytes_by_type(model)
        if recipe["optimize"] == "after":
            write_model(model, scratch / "made.onnx")
            model = optimized(scratch / "made.onnx", scratch / "after", "extended", config)
        write_model(model, out)
        in_memory = optimized(out, scratch / "loaded", "all", config)
        loaded = bytes_by_type(in_memory)
    notes = _notes(recipe, source, made, loaded)
    facts = {"source": source, "weights": made, "loaded": loaded, "notes": notes}
    return facts, _is_settled(model, in_memory)


def main() -> None:
    """Converts every graph and copies the other files."""
    # The quantizers log every node, and warn of divisions by the scale of a block of zeros.
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    files, samples, out, report = map(Path, sys.argv[1:])
    recipe = json.loads(os.environ["RECIPE"])
    manifest = json.loads((files / MANIFEST).read_text())
    graphs = sorted(files.rglob("*.onnx"))
    if not graphs:
        raise ModelError(f'model "{manifest["name"]}" has no ONNX file')
    consumed = set(graphs).union(*(check_source(graph) for graph in graphs))
    for path in sorted(set(files.rglob("*")) - consumed):
        if path.is_file():
            target = out / path.relative_to(files)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    feeder = Feeder(files, manifest.get("maxTokens", 512))
    for path in out.rglob("tokenizer.json"):
        write_tokenizer_files(path)
    facts = {}
    settled = []
    for graph in graphs:
        target = out / graph.relative_to(files)
        target.parent.mkdir(parents=True, exist_ok=True)
        name = str(graph.relative_to(files))
        facts[name], as_it_is = convert(graph, recipe, feeder, read_texts(samples), target)
        settled.append(as_it_is)
    (out / MANIFEST).write_text(json.dumps({**manifest, "optimized": all(settled)}))
    report.write_text(json.dumps(facts, sort_keys=True))


run(main)
