"""What a model is asked, as tensors: the spec's samples, tokenized as the runtime does it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from tokenizers import Tokenizer

from refusal import Refused

# For a spec without samples of its own.
FALLBACK = [
    "hello world",
    "A man is eating food.",
    "How do I reset my password?",
    "The committee postponed its decision until the auditors finish their report.",
    "Rain is expected in the north tomorrow, with strong winds near the coast.",
    "I would not recommend this hotel to anyone.",
]
TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(int64)": np.int64, "tensor(int32)": np.int32}


def read_texts(path: Path) -> list[str]:
    """The samples' inputs."""
    return json.loads(path.read_text()) or FALLBACK


class Feeder:
    """Makes the inputs of a graph out of texts; graphs that take no text get noise that is the same every time."""

    def __init__(self, folder: Path, max_tokens: int) -> None:
        definition = folder / "tokenizer.json"
        self._tokenizer = Tokenizer.from_file(str(definition)) if definition.exists() else None
        if self._tokenizer:
            self._tokenizer.no_padding()
            self._tokenizer.enable_truncation(max_tokens)

    def feeds(self, session: ort.InferenceSession, texts: list[str]) -> Iterator[dict[str, np.ndarray]]:
        """One set of inputs per text, each a batch of one."""
        for index, text in enumerate(texts):
            known = self._tokens(text)
            yield {each.name: _tensor(each, known, index) for each in session.get_inputs()}

    def _tokens(self, text: str) -> dict[str, np.ndarray]:
        if not self._tokenizer:
            return {}
        encoding = self._tokenizer.encode(text)
        ids = np.array([encoding.ids], dtype=np.int64)
        return {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.array([encoding.type_ids], dtype=np.int64),
            "position_ids": np.arange(ids.size, dtype=np.int64)[np.newaxis],
        }


def _tensor(graph_input: Any, known: dict[str, np.ndarray], seed: int) -> np.ndarray:
    name, kind = graph_input.name, graph_input.type
    if kind not in TYPES:
        raise Refused(f'the graph has an input "{name}" of type {kind}, which no sample can fill')
    if name in known:
        return known[name].astype(TYPES[kind])
    if known and not name.startswith("past_key_values"):
        raise Refused(f'the graph has an input "{name}", which no sample can fill')
    # A cache is empty at the first token; an image is of the size that most processors make.
    open_size = 0 if name.startswith("past_key_values") else 224
    dims = [size if isinstance(size, int) else open_size for size in graph_input.shape]
    dims[0] = 1
    return np.random.default_rng(seed).standard_normal(dims).astype(TYPES[kind])
