"""
What the program of an image is asked about a model before there is an image (runtime/verify.ts), and what it should then
feed its graphs with and get from them: requests as a client sends them, their tokens by the `tokenizers` of Python, and
numbers by its ONNX Runtime.

    questions.py MADE SAMPLES OUT
"""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnxruntime as ort

from refusal import Refused, run
from samples import FALLBACK, MANIFEST, Feeder, Sample, read_json, read_texts
from sessions import open_session, reason_of

# Of a longer output so many numbers are compared, evenly spread.
COMPARED = 500
# A batch of the runtime's first run is no larger (runtime/pace.ts), so that three short texts share one.
WORDS = 8


class Ask(NamedTuple):
    """How a task is asked: what wraps texts (or pairs) into a request, and what its program makes of a long one."""

    request: Callable[[list[Sample]], dict[str, Any]]
    pairs: bool = False
    several: bool = True
    strategy: str = "longest_first"
    # Texts beyond `maxTokens` are truncated; else they are read window by window.
    truncates: bool = True


def _inputs(texts: list[Sample]) -> dict[str, Any]:
    return {"inputs": texts[0] if len(texts) == 1 else texts}


def _similar(texts: list[Sample]) -> dict[str, Any]:
    return {"inputs": {"source_sentence": texts[0], "sentences": texts[1:] or texts}}


def _question(pairs: list[Sample]) -> dict[str, Any]:
    asked = [{"question": question, "context": context} for question, context in pairs]
    return {"inputs": asked[0] if len(asked) == 1 else asked}


def _labels(pairs: list[Sample]) -> dict[str, Any]:
    labels = [label for _, label in pairs]
    return {"inputs": pairs[0][0], "parameters": {"candidate_labels": labels, "hypothesis_template": "{}"}}


ASKS = {
    "feature-extraction": Ask(_inputs),
    "fill-mask": Ask(_inputs),
    "question-answering": Ask(_question, pairs=True, truncates=False),
    "sentence-similarity": Ask(_similar),
    "text-classification": Ask(_inputs),
    "token-classification": Ask(_inputs, truncates=False),
    "zero-shot-classification": Ask(_labels, pairs=True, strategy="only_first"),
}


def compared(values: np.ndarray) -> list[float]:
    """Some of the numbers, the same ones as runtime/verify.ts takes."""
    flat = values.astype(np.float64).reshape(-1)
    return flat[:: max(1, -(-flat.size // COMPARED))].tolist()


class Asker:
    """Makes the questions of a model that reads texts."""

    def __init__(self, folder: Path, manifest: dict[str, Any], texts: list[Sample]) -> None:
        self._ask = ASKS[manifest["task"]]
        self._feeder = Feeder(folder, manifest["maxTokens"])
        self._session = open_session(folder / "model.onnx", "none" if manifest["optimized"] else "all")
        self._outputs = [each.name for each in self._session.get_outputs() if "float" in each.type]
        self._mask = _mask(folder) if manifest["task"] == "fill-mask" else ""
        self._words = [word for text in texts for word in (text if isinstance(text, str) else " ".join(text)).split()]

    def questions(self) -> Iterator[dict[str, Any]]:
        """Alone, together, short and long."""
        few = [self._item(self._words[start : start + WORDS]) for start in (0, 2, 5)]
        few = [item if index != 1 else self._item(self._words[2:4]) for index, item in enumerate(few)]
        yield self._expected("a text alone", [few[0]])
        yield self._expected("a text of one token", [self._item([self._shortest()])])
        if self._ask.several:
            yield self._expected("three texts together", few)
        yield self._expected("as many tokens as maxTokens", [self._filled()])
        long = self._item(self._repeated(2 * self._feeder.max_tokens))
        if self._ask.truncates:
            yield self._expected("more tokens than maxTokens", [long])
        else:
            yield {"what": "more tokens than maxTokens", "request": self._ask.request([long]), "runs": []}

    def _item(self, words: list[str]) -> Sample:
        text = " ".join([self._mask, *words] if self._mask else words)
        return [self._words[0], text] if self._ask.pairs and self._ask.strategy == "longest_first" else (
            [text, self._words[0]] if self._ask.pairs else text
        )

    def _repeated(self, count: int) -> list[str]:
        return [self._words[index % len(self._words)] for index in range(count)]

    def _length(self, item: Sample) -> int:
        self._feeder.tokenizer.no_truncation()
        return len(self._feeder.tokenizer.encode(*([item] if isinstance(item, str) else item)).ids)

    def _shortest(self) -> str:
        return min(sorted(set(self._words)), key=lambda word: self._length(self._item([word])))

    def _filled(self) -> Sample:
        """The most words that fit, and then the shortest one as often as it fits."""
        most, short = self._feeder.max_tokens, self._shortest()
        words = self._repeated(most)
        low, high = 1, len(words)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self._length(self._item(words[:middle])) <= most else (low, middle - 1)
        filled = words[:low]
        while len(filled) < 2 * most and self._length(self._item([*filled, short])) <= most:
            filled.append(short)
        return self._item(filled)

    def _expected(self, what: str, items: list[Sample]) -> dict[str, Any]:
        strategy = self._ask.strategy
        request = self._ask.request(items)
        # The runtime sorts by length, the shortest first.
        rows = sorted(items if len(items) > 1 or self._ask.request is not _similar else [items[0], items[0]],
                      key=lambda item: len(self._feeder.encode(item, strategy).ids))
        size = _fixed_texts(self._session) or len(rows)
        runs = [self._run(rows[start : start + size]) for start in range(0, len(rows), size)]
        return {"what": what, "request": request, "runs": [each for each in runs if each]}

    def _run(self, rows: list[Sample]) -> dict[str, Any] | None:
        feed = self._feeder.batch(self._session, rows, self._ask.strategy)
        try:
            values = self._session.run(self._outputs, feed)
        except Exception:  # whatever it cannot compute, the program will tell of, with what it was asked
            return None
        return {
            "inputs": {name: {"dims": list(data.shape), "data": data.reshape(-1).astype(int).tolist()} for name, data in feed.items()},
            "outputs": {
                name: {"dims": list(data.shape), "data": compared(data)}
                for name, data in zip(self._outputs, values, strict=True)
            },
        }


def _fixed_texts(session: ort.InferenceSession) -> int | None:
    return next((each.shape[0] for each in session.get_inputs() if len(each.shape) == 2 and isinstance(each.shape[0], int)), None)


def _mask(folder: Path) -> str:
    named = read_json(folder / "tokenizer_config.json").get("mask_token")
    name = named.get("content") if isinstance(named, dict) else named
    vocabulary = Feeder(folder, 512).tokenizer
    return next((each for each in ([name] if name else ["[MASK]", "<mask>"]) if vocabulary.token_to_id(each) is not None), "")


def main() -> None:
    """Of a task that reads no texts, or writes them, the program is asked only what it warms itself up with."""
    made, samples, out = map(Path, sys.argv[1:])
    manifest = read_json(made / MANIFEST)
    known = manifest["task"] in ASKS
    texts = read_texts(samples) if known else []
    asked = list(Asker(made, manifest, texts).questions()) if known else []
    out.write_text(json.dumps(asked))


if __name__ == "__main__":
    run(main)
