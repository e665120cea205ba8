"""Figures that compare a model's answer with the reference's, per kind of model. The batch size is one."""

from collections.abc import Callable
from typing import Any

import numpy as np

from pooling import pooled

Figures = dict[str, float]


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities over the last axis."""
    shifted = np.exp(logits - logits.max(-1, keepdims=True))
    return shifted / shifted.sum(-1, keepdims=True)


def _pooled(output: np.ndarray, manifest: dict[str, Any]) -> np.ndarray:
    return output.reshape(-1) if output.ndim < 3 else pooled(output[0], manifest.get("pooling", "mean"))


def _embedding(reference: np.ndarray, answer: np.ndarray, manifest: dict[str, Any]) -> Figures:
    a, b = _pooled(reference, manifest), _pooled(answer, manifest)
    length = float(np.linalg.norm(a) * np.linalg.norm(b))
    return {"cosine": float(a @ b) / length if length else float(np.array_equal(a, b))}


def _classes(reference: np.ndarray, answer: np.ndarray, _manifest: dict[str, Any]) -> Figures:
    agreement = (reference.argmax(-1) == answer.argmax(-1)).mean()
    return {"agreement": float(agreement), "shift": float(np.abs(softmax(reference) - softmax(answer)).max())}


def _tokens(reference: np.ndarray, answer: np.ndarray, _manifest: dict[str, Any]) -> Figures:
    p, q = softmax(reference), softmax(answer)
    divergence = (p * (np.log(p + 1e-12) - np.log(q + 1e-12))).sum(-1)
    return {"agreement": float((p.argmax(-1) == q.argmax(-1)).mean()), "kl": float(divergence.mean())}


COMPARE: dict[str, Callable[[np.ndarray, np.ndarray, dict[str, Any]], Figures]] = {
    "embedding": _embedding,
    "classes": _classes,
    "tokens": _tokens,
}
# Figure -> whether its limit is a minimum. The figures in OVER_ALL are checked as the mean of all samples, others per
# sample.
AT_LEAST = {"cosine": True, "agreement": True, "shift": False, "kl": False}
OVER_ALL = {"agreement"}
