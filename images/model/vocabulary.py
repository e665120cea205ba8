"""
Takes the vocabulary out of tokenizer.json, so that nothing has to be parsed or hashed when a function starts: beside it
then are its tokens, one per line in the order of their ids, and a hash table of them with the lines' places
(runtime/text/vocabulary.ts).
"""

import json
from array import array
from pathlib import Path
from typing import Any

# Unigram has a list with scores. Of any other type the unknown token is named elsewhere, in tokenizer_config.json.
_TYPES = ("WordPiece", "BPE")


def _hash(token: str) -> int:
    """FNV-1a of 32 bits over the units of UTF-16, which are what JavaScript's strings are made of."""
    code = 0x811C9DC5
    for unit in memoryview(token.encode("utf-16-le")).cast("H"):
        code = (code ^ unit) * 0x01000193 & 0xFFFFFFFF
    return code


def _table(tokens: list[str]) -> array:
    """The number of slots, then the slots, each with an id + 1 or 0: open addressing, at most half full."""
    slots = array("I", bytes(4 * max(2, 1 << (2 * len(tokens) - 1).bit_length())))
    for index, token in enumerate(tokens):
        slot = _hash(token) % len(slots)
        while slots[slot]:
            slot = (slot + 1) % len(slots)
        slots[slot] = index + 1
    return array("I", [len(slots)]) + slots


def _starts(tokens: list[str]) -> array:
    """Where each line begins, in units of UTF-16, and where one more would."""
    starts = array("I", [0])
    for token in tokens:
        starts.append(starts[-1] + len(token.encode("utf-16-le")) // 2 + 1)
    return starts


def _tokens(vocabulary: Any) -> list[str] | None:
    """Tokens by id; None unless the ids are 0, 1, 2 … and every token fits into a line."""
    if not isinstance(vocabulary, dict) or not vocabulary:
        return None
    if not all(type(index) is int for index in vocabulary.values()):
        return None
    tokens = sorted(vocabulary, key=lambda token: vocabulary[token])
    if [vocabulary[token] for token in tokens] != list(range(len(tokens))):
        return None
    return None if any("\n" in token or not _is_text(token) for token in tokens) else tokens


def _is_text(text: str) -> bool:
    """A lone surrogate has no place in a file of UTF-8."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def split_vocabulary(path: Path) -> None:
    """Rewrites a tokenizer.json with the unknown token alone; one of another form stays as it is."""
    definition = json.loads(path.read_text(encoding="utf-8"))
    model = definition.get("model") or {}
    tokens = _tokens(model.get("vocab")) if model.get("type") in _TYPES else None
    if tokens is None:
        return
    unknown = model.get("unk_token")
    model["vocab"] = {unknown: model["vocab"][unknown]} if unknown in model["vocab"] else {}
    rest = json.dumps(definition, ensure_ascii=False, separators=(",", ":"))
    if not _is_text(rest):
        return
    path.with_name(f"{path.name}.tokens").write_text("\n".join(tokens), encoding="utf-8", newline="\n")
    path.with_name(f"{path.name}.table").write_bytes((_table(tokens) + _starts(tokens)).tobytes())
    path.write_text(rest, encoding="utf-8")
