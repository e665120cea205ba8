"""The spec's samples as tensors, tokenized as the runtime does."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from tokenizers import Encoding, Tokenizer

from errors import ModelError

# The runtime's settings of a model.
MANIFEST = "mkimage.json"
# For a spec without samples.
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
# Default height and width of a picture.
IMAGE_SIZE = 224
# Inputs with a row per text.
ROWS = ("input_ids", "attention_mask", "token_type_ids", "position_ids")
# A text, or a pair that the model reads together, such as a question and its context.
Sample = str | list[str]


def read_texts(path: Path) -> list[Sample]:
    """The samples' inputs."""
    return json.loads(path.read_text()) or FALLBACK


def open_tokenizer(path: Path) -> Tokenizer:
    """Reads a tokenizer.json, including its truncation and padding."""
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # the class that its Rust code raises
        raise ModelError(f"{path.name} cannot be used: {error}") from None


class Feeder:
    """
    Makes the inputs of a graph from texts, as the runtime does (runtime/inference/batches.ts). Other inputs (pictures, encoder
    states) are noise, the same in every run: it shows how far two graphs differ, not how good their answers are.
    """

    def __init__(self, folder: Path, max_tokens: int) -> None:
        definition = folder / "tokenizer.json"
        self.max_tokens = max_tokens
        self.tokenizer = open_tokenizer(definition) if definition.exists() else None
        if self.tokenizer:
            self._pad_id, self.pads_left = _padding(self.tokenizer, read_json(folder / "tokenizer_config.json"))
            self.tokenizer.no_padding()
            self.tokenizer.no_truncation()
        self._image = [1, 3, *_image_size(read_json(folder / "preprocessor_config.json"))]

    def feeds(self, session: ort.InferenceSession, texts: list[Sample]) -> Iterator[dict[str, np.ndarray]]:
        """One set of inputs per text, each a batch of one."""
        for index, text in enumerate(texts):
            yield self.batch(session, [text], seed=index)

    def batch(
        self, session: ort.InferenceSession, texts: list[Sample], strategy: str = "longest_first", seed: int = 0
    ) -> dict[str, np.ndarray]:
        """
        One set of inputs for several texts. If the graph fixes the number of texts or tokens, rows are padded and the last one is
        repeated.
        """
        known = self._rows([self.encode(text, strategy) for text in texts], session) if self.tokenizer else {}
        return {each.name: _tensor(each, known, self._image, seed) for each in session.get_inputs()}

    def encode(self, text: Sample, strategy: str = "longest_first") -> Encoding:
        """Tokenizes a text or pair, truncated to the model's limit."""
        self.tokenizer.enable_truncation(self.max_tokens, strategy=strategy)
        return self._encode(text)

    def length(self, text: Sample) -> int:
        """Number of tokens of a text or pair, without truncation."""
        self.tokenizer.no_truncation()
        return len(self._encode(text).ids)

    def longest(self, session: ort.InferenceSession, text: Sample) -> int:
        """The most tokens of a text that a graph takes, if it cannot take all of them; 0 if there is no such number."""
        most = self.max_tokens
        low, high = 0, most - 1
        while low < high and self.tokenizer:
            self.max_tokens = (low + high + 1) // 2
            try:
                session.run(None, self.batch(session, [text]))
                low = self.max_tokens
            except Exception:  # ONNX Runtime has a class per status code; the tokenizer needs room for its own tokens
                high = self.max_tokens - 1
        self.max_tokens = most
        return low

    def _encode(self, text: Sample) -> Encoding:
        try:
            return self.tokenizer.encode(*([text] if isinstance(text, str) else text))
        except BaseException as error:  # its Rust code panics on rules that contradict each other
            raise ModelError(f"tokenizer.json cannot be used: {error}") from None

    def _rows(self, encodings: list[Encoding], session: ort.InferenceSession) -> dict[str, np.ndarray]:
        texts, tokens = fixed_sizes(session)
        encodings = [encodings[min(row, len(encodings) - 1)] for row in range(texts or len(encodings))]
        longest = tokens or max(len(encoding.ids) for encoding in encodings)

        def rows(values: Callable[[Encoding], Iterable[int]], fill: int = 0) -> np.ndarray:
            data = np.full((len(encodings), longest), fill, dtype=np.int64)
            for row, encoding in zip(data, encodings, strict=True):
                own = len(encoding.ids)
                if own > longest:
                    raise ModelError(f'the graph takes {longest} tokens: write "maxTokens": {longest} into the model\'s spec')
                row[longest - own if self.pads_left else 0 :][:own] = list(values(encoding))
            return data

        ids, mask = rows(lambda encoding: encoding.ids, self._pad_id), rows(lambda encoding: [1] * len(encoding.ids))
        return {
            "input_ids": ids,
            "attention_mask": mask,
            "token_type_ids": rows(lambda encoding: encoding.type_ids),
            "position_ids": rows(lambda encoding: range(len(encoding.ids))),
            "decoder_input_ids": ids,
            "encoder_attention_mask": mask,
        }


def fixed_sizes(session: ort.InferenceSession) -> tuple[int | None, int | None]:
    """The number of texts and of tokens that a graph fixes; None if it leaves them open."""
    shapes = [each.shape for each in session.get_inputs() if each.name in ROWS and len(each.shape) == 2]
    texts, tokens = (next((shape[axis] for shape in shapes if isinstance(shape[axis], int)), None) for axis in (0, 1))
    return texts, tokens


def read_json(path: Path) -> dict[str, Any]:
    """Reads a JSON file of a model; an empty dict if it does not exist."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _padding(tokenizer: Tokenizer, config: dict[str, Any]) -> tuple[int, bool]:
    """The id for padding, and whether padding is on the left."""
    if tokenizer.padding:
        return tokenizer.padding["pad_id"], tokenizer.padding["direction"] == "left"
    token = config.get("pad_token")
    name = token.get("content") if isinstance(token, dict) else token
    return (tokenizer.token_to_id(name) if name else None) or 0, config.get("padding_side") == "left"


def _image_size(settings: dict[str, Any]) -> tuple[int, int]:
    size = settings.get("crop_size" if settings.get("do_center_crop") else "size") or IMAGE_SIZE
    if isinstance(size, int):
        return size, size
    edge = size.get("shortest_edge", IMAGE_SIZE)
    return size.get("height", edge), size.get("width", edge)


def _tensor(graph_input: Any, known: dict[str, np.ndarray], image: list[int], seed: int) -> np.ndarray:
    name, kind = graph_input.name, TYPES.get(graph_input.type)
    if kind is None:
        raise ModelError(f'the graph has an input "{name}" of type {graph_input.type}, which no sample can fill')
    if name in known:
        return known[name].astype(kind)
    shape = graph_input.shape
    # One value per token of the text; the cache of earlier tokens is empty.
    size = 0 if name.startswith("past_key_values") else known["input_ids"].size if known else 1
    open_sizes = image if len(shape) == 4 and not known else [1] + [size] * len(shape)
    dims = [each if isinstance(each, int) else usual for each, usual in zip(shape, open_sizes, strict=False)]
    if np.issubdtype(kind, np.floating):
        return np.random.default_rng(seed).standard_normal(dims).astype(kind)
    return np.zeros(dims, dtype=kind)
