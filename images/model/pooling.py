"""Pools the token vectors of one text, without padding, as sentence-transformers does (runtime/inference/pooling.ts)."""

from collections.abc import Callable

import numpy as np


def _weighted(tokens: np.ndarray) -> np.ndarray:
    weights = np.arange(1, len(tokens) + 1)
    return weights @ tokens / weights.sum()


WAYS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "cls": lambda tokens: tokens[0],
    "lasttoken": lambda tokens: tokens[-1],
    "max": lambda tokens: tokens.max(0),
    "mean": lambda tokens: tokens.mean(0),
    "mean_sqrt_len_tokens": lambda tokens: tokens.sum(0) / np.sqrt(len(tokens)),
    "weightedmean": _weighted,
}


def pooled(tokens: np.ndarray, ways: str | list[str]) -> np.ndarray:
    """`tokens` is [tokens, dims]; the vectors of several modes are concatenated."""
    return np.concatenate([WAYS[way](tokens) for way in ([ways] if isinstance(ways, str) else ways)])
