"""Answers events with ONNX Runtime and tokenizers, as a function in Python usually does."""

import json
import os

import numpy
import onnxruntime
from tokenizers import Tokenizer

MODEL = "/var/task/model"
SETTINGS = json.loads(os.environ["BASELINE"])

tokenizer = Tokenizer.from_file(f"{MODEL}/tokenizer.json")
tokenizer.enable_truncation(SETTINGS["maxTokens"])
padding = tokenizer.padding or {}
tokenizer.enable_padding(pad_id=padding.get("pad_id", 0), pad_token=padding.get("pad_token", "[PAD]"))
session = onnxruntime.InferenceSession(f"{MODEL}/model.onnx")


def labels() -> dict[str, str]:
    """Names of the model's classes by their numbers."""
    with open(f"{MODEL}/config.json", encoding="utf-8") as file:
        return json.load(file)["id2label"]


def vectors(states: numpy.ndarray, mask: numpy.ndarray) -> numpy.ndarray:
    """Pools the states [texts, tokens, size] of a graph; a graph may have done so itself."""
    pooled = states
    if states.ndim == 3 and SETTINGS["pooling"] == "cls":
        pooled = states[:, 0]
    elif states.ndim == 3:
        weights = mask[:, :, None].astype(states.dtype)
        pooled = (states * weights).sum(axis=1) / weights.sum(axis=1)
    if SETTINGS["normalize"]:
        pooled = pooled / numpy.linalg.norm(pooled, axis=1, keepdims=True)
    return pooled


def classes(logits: numpy.ndarray) -> list[list[dict]]:
    """Every class of each text with its probability, the best first."""
    powers = numpy.exp(logits - logits.max(axis=1, keepdims=True))
    scores = powers / powers.sum(axis=1, keepdims=True)
    names = labels()
    return [
        [{"label": names[str(place)], "score": float(row[place])} for place in numpy.argsort(-row)] for row in scores
    ]


def handler(event, _context):
    """Answers in the form of mkimage's function."""
    inputs = event["inputs"]
    encodings = tokenizer.encode_batch([inputs] if isinstance(inputs, str) else inputs)
    mask = numpy.array([each.attention_mask for each in encodings], dtype=numpy.int64)
    given = {
        "input_ids": numpy.array([each.ids for each in encodings], dtype=numpy.int64),
        "attention_mask": mask,
        "token_type_ids": numpy.array([each.type_ids for each in encodings], dtype=numpy.int64),
    }
    outputs = session.run(None, {each.name: given[each.name] for each in session.get_inputs()})
    if SETTINGS["task"] == "text-classification":
        return classes(outputs[0])
    states = next((each for each in outputs if each.ndim == 3), outputs[0])
    found = vectors(states, mask).tolist()
    return found[0] if isinstance(inputs, str) else found
