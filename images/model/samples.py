"""What a model is asked, as tensors: the spec's samples, tokenized as the runtime does it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from tokenizers import Tokenizer

from refusal import Refused

# What the runtime is told of a model.
MANIFEST = "mkimage.json"
# For a spec without samples of its own.
FALLBACK = [
    "hello world",
    "A man is eating food.",
    "How do I reset my password?",
    "The committee postponed its decision until the auditors finish their report.",
    "Rain is expected in the north tomorrow, with strong winds near the coast.",
    "I would not recommend this hotel to anyone.",
]
TYPES = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(bool)": np.bool_,
}
# Height and width of an image where its processor does not say them.
IMAGE_SIZE = 224
# A text, or two that the model reads as a pair: a question and the text that answers it.
Sample = str | list[str]


def read_texts(path: Path) -> list[Sample]:
    """The samples' inputs."""
    return json.loads(path.read_text()) or FALLBACK


def _open_tokenizer(path: Path) -> Tokenizer:
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # the class that its Rust code raises
        raise Refused(f"{path.name} cannot be used: {error}") from None


class Feeder:
    """
    Makes the inputs of a graph out of texts. What no text says (images, the states of an encoder) is noise, the same
    every time: it shows how far two graphs differ, not how good their answers are.
    """

    def __init__(self, folder: Path, max_tokens: int) -> None:
        definition = folder / "tokenizer.json"
        self._tokenizer = _open_tokenizer(definition) if definition.exists() else None
        if self._tokenizer:
            self._tokenizer.no_padding()
            self._tokenizer.enable_truncation(max_tokens)
        self._image = [1, 3, *_image_size(folder / "preprocessor_config.json")]

    def feeds(self, session: ort.InferenceSession, texts: list[Sample]) -> Iterator[dict[str, np.ndarray]]:
        """One set of inputs per text, each a batch of one."""
        for index, text in enumerate(texts):
            known = self._tokens(text)
            yield {each.name: _tensor(each, known, self._image, index) for each in session.get_inputs()}

    def _tokens(self, text: Sample) -> dict[str, np.ndarray]:
        if not self._tokenizer:
            return {}
        try:
            encoding = self._tokenizer.encode(*([text] if isinstance(text, str) else text))
        except BaseException as error:  # its Rust code panics on rules that contradict each other
            raise Refused(f"tokenizer.json cannot be used: {error}") from None
        ids = np.array([encoding.ids], dtype=np.int64)
        return {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.array([encoding.type_ids], dtype=np.int64),
            "position_ids": np.arange(ids.size, dtype=np.int64)[np.newaxis],
            "decoder_input_ids": ids,
            "encoder_attention_mask": np.ones_like(ids),
        }


def _image_size(processor: Path) -> tuple[int, int]:
    settings = json.loads(processor.read_text()) if processor.exists() else {}
    size = settings.get("crop_size" if settings.get("do_center_crop") else "size") or IMAGE_SIZE
    if isinstance(size, int):
        return size, size
    edge = size.get("shortest_edge", IMAGE_SIZE)
    return size.get("height", edge), size.get("width", edge)


def _tensor(graph_input: Any, known: dict[str, np.ndarray], image: list[int], seed: int) -> np.ndarray:
    name, kind = graph_input.name, TYPES.get(graph_input.type)
    if kind is None:
        raise Refused(f'the graph has an input "{name}" of type {graph_input.type}, which no sample can fill')
    if name in known:
        return known[name].astype(kind)
    shape = graph_input.shape
    # Of a text as many values as it has tokens; the cache of earlier tokens is empty at the first one.
    size = 0 if name.startswith("past_key_values") else known["input_ids"].size if known else 1
    open_sizes = image if len(shape) == 4 and not known else [1] + [size] * len(shape)
    dims = [each if isinstance(each, int) else usual for each, usual in zip(shape, open_sizes, strict=False)]
    if np.issubdtype(kind, np.floating):
        return np.random.default_rng(seed).standard_normal(dims).astype(kind)
    return np.zeros(dims, dtype=kind)
