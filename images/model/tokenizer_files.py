"""
Splits tokenizer.json into files for a faster start, in a folder next to it: everything but the vocabulary, and the vocabulary
in files that the runtime's library reads on another thread while the graphs are opened (runtime/tokenizer/files.ts).
tokenizer.json itself is kept: it is read if it cannot be reconstructed exactly from these files.
"""

import json
from array import array
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, models

# The library's classes, with the options of its Node.js binding.
_MODELS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "WordPiece": (models.WordPiece, ("unk_token", "continuing_subword_prefix", "max_input_chars_per_word")),
    "WordLevel": (models.WordLevel, ("unk_token",)),
    "BPE": (
        models.BPE,
        ("dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", "byte_fallback"),
    ),
}


# From this number of pieces on, the runtime loads only the pieces of a Unigram vocabulary that a text needs
# (runtime/tokenizer/unigram.ts): the library's table takes a thousand bytes per piece, and cannot be read from a file.
LARGE = 65_536


def _write(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8", newline="\n")
    return str(path)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _vocabulary_files(folder: Path, model: dict[str, Any]) -> list[str]:
    """Writes the vocabulary in the formats of the library's classes."""
    tokens = sorted(model["vocab"], key=lambda token: model["vocab"][token])
    if model["type"] == "WordPiece":
        return [_write(folder / "vocab.txt", "".join(f"{token}\n" for token in tokens))]
    files = [_write(folder / "vocab.json", _json({token: model["vocab"][token] for token in tokens}))]
    if model["type"] == "BPE":
        files.append(_write(folder / "merges.txt", "".join(f"{left} {right}\n" for left, right in model["merges"])))
    return files


def _joined(rest: dict[str, Any], files: list[str]) -> dict[str, Any] | None:
    """The tokenizer.json of the tokenizer that the runtime creates from the files; None if the library cannot read them."""
    kind, names = _MODELS[rest["model"]["type"]]
    options = {name: rest["model"][name] for name in names if rest["model"][name] is not None}
    vocabulary = {"type": "WordLevel", "vocab": rest["model"]["vocab"], "unk_token": ""}
    try:
        tokenizer = Tokenizer.from_str(_json({**rest, "model": vocabulary}))
        tokenizer.model = kind.from_file(*files, **options)
    except Exception:  # the class that its Rust code raises
        return None
    return json.loads(tokenizer.to_str())


def _write_pieces(folder: Path, model: dict[str, Any], known: dict[str, int]) -> bool:
    """Writes pieces and scores of a Unigram vocabulary, unless the id of a token is not its index; returns whether it did."""
    pieces = [piece for piece, _ in model["vocab"]]
    ids = {piece: place for place, piece in enumerate(pieces)}
    if len(ids) < len(pieces) or any(ids.get(token, max(id, len(pieces))) != id for token, id in known.items()):
        return False
    if model.keys() > {"type", "unk_id", "vocab", "byte_fallback"}:
        return False
    _write(folder / "pieces.json", _json(pieces))
    (folder / "scores.f64").write_bytes(array("d", [score for _, score in model["vocab"]]).tobytes())
    return True


def write_tokenizer_files(path: Path, large: int = LARGE) -> None:
    """Writes the folder `tokenizer` next to a tokenizer.json, with the vocabulary if the result is identical."""
    whole = json.loads(Tokenizer.from_file(str(path)).to_str())
    model = whole["model"]
    folder = path.with_name("tokenizer")
    folder.mkdir(exist_ok=True)
    rest = {**whole, "model": {name: value for name, value in model.items() if name not in ("vocab", "merges")}}
    # Added tokens keep their ids: otherwise they would get those after an empty vocabulary.
    known = {token["content"]: token["id"] for token in whole["added_tokens"]}
    split = {**rest, "model": {**rest["model"], "vocab": known}}
    if model["type"] == "Unigram" and len(model["vocab"]) >= large and _write_pieces(folder, model, known):
        rest = split
    elif model["type"] in _MODELS:
        files = _vocabulary_files(folder, model)
        if _joined(split, files) == whole:
            rest = split
        else:
            for file in files:
                Path(file).unlink()
    _write(folder / "definition.json", _json(rest))
