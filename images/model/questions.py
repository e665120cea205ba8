"""
Makes requests that check the function's program with a model before there is an image (runtime/verify), and the expected
inputs and outputs of its first graph, computed with Python's `tokenizers` and ONNX Runtime.

    questions.py MADE SAMPLES OUT
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from asks import ASKS, Ask
from errors import run
from samples import FALLBACK, MANIFEST, ROWS, Feeder, Sample, fixed_sizes, read_json, read_texts
from sessions import open_session

# Number of values of a longer output that are compared, evenly spread (runtime/verify/question.ts).
COMPARED = 500
# Short enough for three texts to fit into the runtime's first batch (runtime/inference/throughput.ts). Some languages
# have no spaces.
WORDS = 8
CHARACTERS = 12
# Above this number of tokens an answer is slow: only one is requested, and nothing is compared.
LARGE = 2048
# Limit of the memory for attention scores in bytes: two floats for each head and pair of tokens.
ATTENTION = 2_000_000_000

Question = dict[str, Any]


def _compared(values: np.ndarray) -> dict[str, Any]:
    flat = values.astype(np.float64).reshape(-1)
    return {"dims": list(values.shape), "data": flat[:: max(1, -(-flat.size // COMPARED))].tolist()}


def _whole(values: np.ndarray) -> dict[str, Any]:
    return {"dims": list(values.shape), "data": values.reshape(-1).astype(int).tolist()}


def _words(texts: list[Sample]) -> list[str]:
    """The words of texts, shortened, and repeated if there are few."""
    found = [word for text in texts for word in (text if isinstance(text, str) else " ".join(text)).split()]
    words = [word[:CHARACTERS] for word in found] or " ".join(FALLBACK).split()
    return words * -(-WORDS // len(words))


class Asker:
    """Makes the requests for a model that reads texts."""

    def __init__(self, folder: Path, ask: Ask, texts: list[Sample]) -> None:
        manifest = read_json(folder / MANIFEST)
        self._ask = ask
        self._most: int = manifest["maxTokens"]
        self._feeder = Feeder(folder, self._most)
        self._session = open_session(folder / ask.graph, "none" if manifest["optimized"] else "all")
        floats = [each.name for each in self._session.get_outputs() if each.type in ("tensor(float)", "tensor(float16)")]
        self._outputs = [name for name in floats if not name.startswith("present")]
        self._words = _words(texts)
        self._begin, self._prefix = ask.begin(folder), ask.prefix(folder)
        config = read_json(folder / "config.json")
        heads = config.get("num_attention_heads") or config.get("n_head") or 16
        self._long = min(self._most, int((ATTENTION / (8 * heads)) ** 0.5))
        # A table of segments with one row has none for a second text.
        segments = any(each.name == "token_type_ids" for each in self._session.get_inputs())
        self._tells_two = not segments or config.get("type_vocab_size", 2) > 1
        self._lowercase = manifest.get("lowercase", False)

    def questions(self) -> Iterator[Question]:
        """One text, several texts, short and long ones."""
        few = [self._item(self._words[start:end]) for start, end in ((0, WORDS), (2, 4), (3, WORDS))]
        short = self._shortest()
        yield self._question("a text", few[:1])
        yield self._question("a text of one token", [self._item([short])])
        if self._ask.several:
            yield self._question("three texts together", few)
        if self._ask.pairs and self._tells_two:
            yield self._question("two texts as a pair", [[*few[:2]]])
        if self._ask.writes:
            yield self._question("a text, with several new tokens", few[:1], {"max_new_tokens": 4})
        what = "as many tokens as it takes" if self._long == self._most else f"{self._long} tokens"
        yield self._question(what, [self._item(self._filled(short))])
        if self._ask.beyond and self._most <= LARGE:
            yield self._question("more tokens than it takes", [self._item(self._repeated(2 * self._most))])

    def _item(self, words: list[str]) -> Sample:
        return self._ask.item(self._begin + " ".join(words), self._words[0])

    def _repeated(self, count: int) -> list[str]:
        return [self._words[index % len(self._words)] for index in range(count)]

    def _shortest(self) -> str:
        return min(sorted(set(self._words)), key=lambda word: self._length(self._item([word])))

    def _filled(self, short: str) -> list[str]:
        """As many words as fit, then the shortest word as often as it fits."""
        most = self._long - (1 if self._ask.continues else 0)
        words = self._repeated(most)
        low, high = 1, len(words)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self._length(self._item(words[:middle])) <= most else (low, middle - 1)
        filled = words[:low]
        while len(filled) < 2 * most and self._length(self._item([*filled, short])) <= most:
            filled.append(short)
        return filled

    def _read(self, item: Sample) -> Sample:
        """The input with prefix and lower case, as the model gets it."""
        if not isinstance(item, str):
            return item
        return (self._prefix + item).lower() if self._lowercase else self._prefix + item

    def _length(self, item: Sample) -> int:
        return self._feeder.length(self._read(item))

    def _question(self, what: str, items: list[Sample], parameters: dict[str, Any] | None = None) -> Question:
        items = [items[min(index, len(items) - 1)] for index in range(max(len(items), self._ask.least))]
        request = self._ask.request(items)
        merged = {**self._ask.parameters, **request.get("parameters", {}), **(parameters or {})}
        longest = max(self._length(item) for item in items)
        compared = longest <= LARGE and (longest <= self._most or self._ask.truncates)
        return {
            "what": what,
            "request": {**request, "parameters": merged},
            "streams": self._ask.writes,
            "runs": self._runs(items) if compared else [],
        }

    def _runs(self, items: list[Sample]) -> list[dict[str, Any]]:
        rows = [self._read(item) for item in items]
        texts, tokens = fixed_sizes(self._session)
        # The runtime sorts texts by their number of tokens.
        rows.sort(key=lambda row: tokens or len(self._feeder.encode(row, self._ask.strategy).ids))
        size = texts or len(rows)
        runs = [self._run(rows[start : start + size]) for start in range(0, len(rows), size)]
        return [each for each in runs if each]

    def _run(self, rows: list[Sample]) -> dict[str, Any] | None:
        feed = self._feeder.batch(self._session, rows, self._ask.strategy)
        try:
            values = self._session.run(self._outputs, feed)
        except Exception:  # the program will report this itself
            return None
        return {
            "inputs": {name: _whole(data) for name, data in feed.items() if name in ROWS},
            "outputs": {name: _compared(data) for name, data in zip(self._outputs, values, strict=True)},
        }


def main() -> None:
    made, samples, out = map(Path, sys.argv[1:])
    ask = ASKS.get(read_json(made / MANIFEST)["task"], Ask())
    out.write_text(json.dumps(list(Asker(made, ask, read_texts(samples)).questions()) if ask else []))


run(main)
