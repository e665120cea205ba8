"""Greedy generation by definition: every step runs the whole text again, without a cache of earlier tokens."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnxruntime as ort

from samples import TYPES, Feeder, read_json
from sessions import open_session

# Settings of generation_config.json that change what is written, with the value that leaves them out.
NEUTRAL: dict[str, Any] = {
    "begin_suppress_tokens": None,
    "encoder_no_repeat_ngram_size": 0,
    "encoder_repetition_penalty": 1.0,
    "exponential_decay_length_penalty": None,
    "forced_bos_token_id": None,
    "min_length": 0,
    "min_new_tokens": None,
    "no_repeat_ngram_size": 0,
    "repetition_penalty": 1.0,
    "sequence_bias": None,
}


class Settings(NamedTuple):
    ends: list[int]
    forced_end: int | None
    never: list[int]
    most: int


def read_settings(folder: Path, most: int) -> tuple[Settings, list[str]]:
    """The settings of a model, and the names of those that greedy generation does not have here."""
    given = {**read_json(folder / "config.json"), **read_json(folder / "generation_config.json")}
    unknown = [name for name, neutral in NEUTRAL.items() if given.get(name, neutral) not in (neutral, None)]
    bad = given.get("bad_words_ids") or []
    unknown += ["bad_words_ids"] if any(len(words) > 1 for words in bad) else []
    ends = given.get("eos_token_id")
    never = [words[0] for words in bad if len(words) == 1] + (given.get("suppress_tokens") or [])
    listed = ends if isinstance(ends, list) else [] if ends is None else [ends]
    return Settings(listed, given.get("forced_eos_token_id"), never, most), unknown


class Writer:
    """Writes token by token: with one graph, or with an encoder and a decoder."""

    def __init__(self, folder: Path, feeder: Feeder) -> None:
        self._feeder = feeder
        self._encoder = self._open(folder / "encoder_model.onnx")
        self._decoder = self._open(folder / ("decoder_model_merged.onnx" if self._encoder else "model.onnx"))
        config = read_json(folder / "config.json")
        self._start = {**config, **read_json(folder / "generation_config.json")}.get("decoder_start_token_id")

    @staticmethod
    def _open(path: Path) -> ort.InferenceSession | None:
        return open_session(path, "none") if path.exists() else None

    def write(self, text: str, settings: Settings) -> list[int]:
        """The new tokens that follow a text, or answer it."""
        asked = self._feeder.encode(text).ids
        known: dict[str, Any] = {}
        if self._encoder:
            feed = _feed(self._encoder, {"input_ids": asked, "attention_mask": [1] * len(asked)})
            known = {"encoder_hidden_states": self._encoder.run(None, feed)[0], "encoder_attention_mask": [1] * len(asked)}
        begun = [self._start] if self._encoder else asked
        ids = list(begun)
        while len(ids) - len(begun) < settings.most:
            token = self._next(ids, known, settings)
            if settings.forced_end is not None and len(ids) - len(begun) == settings.most - 1:
                token = settings.forced_end
            ids.append(token)
            if token in settings.ends:
                break
        return ids[len(begun) :]

    def _next(self, ids: list[int], known: dict[str, Any], settings: Settings) -> int:
        positions = list(range(len(ids)))
        feed = _feed(self._decoder, {"input_ids": ids, "attention_mask": [1] * len(ids), "position_ids": positions, **known})
        logits = self._decoder.run(["logits"], feed)[0][0, -1].astype(np.float64)
        logits[settings.never] = -np.inf
        return int(logits.argmax())


def _feed(session: ort.InferenceSession, known: dict[str, Any]) -> dict[str, np.ndarray]:
    """Inputs of a graph: what is known of them, an empty cache, and nothing for flags."""

    def value(name: str, kind: str, shape: list[Any]) -> np.ndarray:
        if name in known:
            given = known[name]
            return (given if isinstance(given, np.ndarray) else np.array([given])).astype(TYPES[kind])
        # Of a cache [batch, heads, tokens, size] there are no tokens; a graph may leave the other sizes open.
        sizes = [each if isinstance(each, int) else 1 if axis == 0 else 0 for axis, each in enumerate(shape)]
        return np.zeros(sizes, dtype=TYPES[kind])

    return {each.name: value(each.name, each.type, each.shape) for each in session.get_inputs()}
