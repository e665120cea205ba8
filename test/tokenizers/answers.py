"""
What Python's `tokenizers` makes of texts: for each tokenizer.json under FOLDER, `answers.py FOLDER NAME` writes NAME.json
beside it. FOLDER/NAME.json says what is asked.
"""

import json
import sys
from pathlib import Path
from typing import Any

from tokenizers import Encoding, Tokenizer


def shown(encoding: Encoding) -> dict[str, Any]:
    return {
        "ids": encoding.ids,
        "typeIds": encoding.type_ids,
        "offsets": encoding.offsets,
        "wordIds": encoding.word_ids,
        "tokens": encoding.tokens,
    }


def encoded(tokenizer: Tokenizer, inputs: list[str], windows: bool = False) -> Any:
    """None where a text that has to stay leaves no room."""
    try:
        encoding = tokenizer.encode(*inputs)
    except Exception as error:
        if "too short" in str(error):
            return None
        raise
    return [shown(each) for each in [encoding, *encoding.overflowing]] if windows else shown(encoding)


def decoded(tokenizer: Tokenizer, text: str) -> list[str]:
    ids = tokenizer.encode(text).ids
    return [tokenizer.decode(ids, skip_special_tokens=skip) for skip in (False, True)]


def beside(tokenizer: Tokenizer, pair: list[str], own: int, stride: int) -> dict[str, Any]:
    """Windows of the second text beside the whole first, as question answering reads them, with `own` tokens each."""
    tokenizer.no_truncation()
    first = tokenizer.encode(pair[0], add_special_tokens=False).ids
    max_tokens = tokenizer.num_special_tokens_to_add(True) + len(first) + own
    tokenizer.enable_truncation(max_tokens, stride=stride, strategy="only_second")
    return {"maxTokens": max_tokens, "windows": encoded(tokenizer, pair, True)}


def answers(tokenizer: Tokenizer, asked: dict[str, Any]) -> dict[str, Any]:
    texts, pairs = asked["texts"], asked["pairs"]
    tokenizer.no_padding()
    tokenizer.no_truncation()
    if "truncations" not in asked:
        items = [*([text] for text in texts), *pairs]
        return {
            "whole": [encoded(tokenizer, item) for item in items],
            "decoded": [decoded(tokenizer, text) for text in texts],
        }
    found: dict[str, Any] = {}
    for name, options in asked["truncations"].items():
        tokenizer.enable_truncation(**options)
        windows = bool(options.get("stride"))
        items = [*([text] for text in texts), *([] if windows else pairs)]
        found[name] = [encoded(tokenizer, item, windows) for item in items]
    return found | {"beside": [beside(tokenizer, pair, asked["own"], asked["stride"]) for pair in pairs]}


def main() -> None:
    folder, name = Path(sys.argv[1]), sys.argv[2]
    asked = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    for path in sorted(folder.rglob("tokenizer.json")):
        found = answers(Tokenizer.from_file(str(path)), asked)
        path.with_name(f"{name}.json").write_text(json.dumps(found), encoding="utf-8")


main()
