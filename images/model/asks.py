"""How requests for each task are made, by its name on the Hugging Face hub; a task that is not listed takes texts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from samples import MANIFEST, Sample, open_tokenizer, read_json

Request = dict[str, Any]


def _texts(texts: list[Sample]) -> Request:
    inputs = [text if isinstance(text, str) else {"text": text[0], "text_pair": text[1]} for text in texts]
    return {"inputs": inputs[0] if len(inputs) == 1 else inputs}


def _similarity(texts: list[Sample]) -> Request:
    return {"inputs": {"source_sentence": texts[0], "sentences": texts[1:]}}


def _question(pairs: list[Sample]) -> Request:
    asked = [{"question": question, "context": context} for question, context in pairs]
    return {"inputs": asked[0] if len(asked) == 1 else asked}


def _labels(pairs: list[Sample]) -> Request:
    """Every pair has the same second text: the label."""
    label = pairs[0][1]
    texts = [text for text, _ in pairs]
    parameters = {"candidate_labels": [label], "hypothesis_template": "{}"}
    return {"inputs": texts[0] if len(texts) == 1 else texts, "parameters": parameters}


def _mask(folder: Path) -> str:
    """The mask token of fill-mask (runtime/tokenizer/tokenizer.ts)."""
    token = read_json(folder / "tokenizer_config.json").get("mask_token")
    name = token.get("content") if isinstance(token, dict) else token
    tokenizer = open_tokenizer(folder / "tokenizer.json")
    known = [each for each in ([name] if name else ["[MASK]", "<mask>"]) if tokenizer.token_to_id(each) is not None]
    return f"{known[0]} " if known else ""


def _prefix(folder: Path) -> str:
    """The prefix of every text, by task (runtime/tasks/seq2seq.ts)."""
    config = read_json(folder / "config.json")
    own = (config.get("task_specific_params") or {}).get(read_json(folder / MANIFEST)["task"]) or {}
    return own.get("prefix") or config.get("prefix") or ""


def _prompt(folder: Path) -> str:
    """The default prompt of an embedding model (runtime/inference/prompt.ts)."""
    manifest = read_json(folder / MANIFEST)
    return manifest.get("prompts", {}).get(manifest.get("defaultPromptName"), "")


def _nothing(_folder: Path) -> str:
    return ""


class Ask(NamedTuple):
    """How texts become a request, and how the task's program processes them."""

    request: Callable[[list[Sample]], Request] = _texts
    parameters: Request = {}
    graph: str = "model.onnx"
    # The input made of a text and another one; what each text begins with, and what the program puts in front of it.
    item: Callable[[str, str], Sample] = lambda text, _other: text
    begin: Callable[[Path], str] = _nothing
    prefix: Callable[[Path], str] = _nothing
    # Whether the task also takes pairs of texts.
    pairs: bool = False
    # The fewest texts of a request, and whether several texts make one batch.
    least: int = 1
    several: bool = True
    strategy: str = "longest_first"
    # Whether the task accepts more tokens than the model takes, and whether it truncates (rather than reads windows).
    beyond: bool = True
    truncates: bool = True
    # Whether it generates text, and whether that continues the input.
    writes: bool = False
    continues: bool = False


_GREEDY = {"do_sample": False, "max_new_tokens": 1}
_WRITER = Ask(parameters=_GREEDY, graph="encoder_model.onnx", prefix=_prefix, several=False, writes=True)
# None: it reads no texts, and answers no more than what it warms itself up with.
ASKS: dict[str, Ask | None] = {
    "feature-extraction": Ask(prefix=_prompt),
    "fill-mask": Ask(begin=_mask),
    "image-classification": None,
    "question-answering": Ask(_question, item=lambda text, other: [other, text], truncates=False),
    "sentence-similarity": Ask(_similarity, prefix=_prompt, least=2),
    "summarization": _WRITER,
    "text-classification": Ask(pairs=True),
    "text-generation": Ask(
        parameters={**_GREEDY, "return_full_text": False}, several=False, beyond=False, writes=True, continues=True
    ),
    "token-classification": Ask(truncates=False),
    "translation": _WRITER,
    "zero-shot-classification": Ask(_labels, item=lambda text, other: [text, other], strategy="only_first"),
}
