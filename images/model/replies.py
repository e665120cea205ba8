"""
The reply to a request of each text task, computed with Python's `tokenizers`, numpy and ONNX Runtime from a model's own
files, one text at a time. The definitions are those of transformers' pipelines. A second implementation, on purpose: it
shares nothing with the runtime.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from tokenizers import Encoding

from figures import softmax
from gate import VECTORS, output_of
from greedy import Writer, read_settings
from pooling import pooled
from samples import Feeder, Sample, read_json
from sessions import open_session

Parameters = dict[str, Any]


class NoReference(Exception):
    """Why there is no reference for a request."""


class Reference:
    """A model's graph and tokenizer, as its source has them."""

    def __init__(self, files: Path, manifest: dict[str, Any]) -> None:
        self.manifest = manifest
        self.config = read_json(files / "config.json")
        self.feeder = Feeder(files, manifest.get("maxTokens", 512))
        self.tokenizer = self.feeder.tokenizer
        self._files = files

    @cached_property
    def _session(self) -> ort.InferenceSession:
        return open_session(self._files / "model.onnx", "none")

    @cached_property
    def _writer(self) -> Writer:
        return Writer(self._files, self.feeder)

    def written(self, text: str, most: int) -> str:
        """What the model writes after a text, or from it, greedily."""
        settings, unknown = read_settings(self._files, most)
        if unknown:
            raise NoReference(f"it does not know {', '.join(unknown)} of the generation config")
        ids = self._writer.write(text, settings)
        if read_json(self._files / "tokenizer_config.json").get("clean_up_tokenization_spaces"):
            raise NoReference("the tokenizer cleans up blanks")
        return self.tokenizer.decode(ids, skip_special_tokens=True)

    def logits(self, text: Sample, strategy: str = "longest_first") -> tuple[Encoding, list[np.ndarray]]:
        """The tokens of a text, and the first row of each output that has the model's answer, without padding."""
        encoding = self.feeder.encode(self._read(text), strategy)
        feed = self.feeder.batch(self._session, [self._read(text)], strategy)
        values = self._session.run(self._outputs(), feed)
        return encoding, [self._own(value[0].astype(np.float64), encoding) for value in values]

    def vector(self, text: str) -> np.ndarray:
        """A text's embedding, not normalized."""
        prompts = self.manifest.get("prompts", {})
        prompt = prompts.get(self.manifest.get("defaultPromptName"), "")
        if prompt and self.manifest.get("includePrompt") is False:
            raise NoReference("tokens of the prompt are left out of pooling")
        _, [values] = self.logits(prompt + text)
        return pooled(values, self.manifest.get("pooling", "mean")) if values.ndim == 2 else values

    def label(self, index: int) -> str:
        """Name of a class."""
        return (self.config.get("id2label") or {}).get(str(index), f"LABEL_{index}")

    def _outputs(self) -> list[str]:
        names = [each.name for each in self._session.get_outputs()]
        if self.manifest["task"] == "question-answering":
            own = self.manifest.get("outputs") or {}
            return [own.get("startLogits", "start_logits"), own.get("endLogits", "end_logits")]
        name = output_of(self._session, self.manifest)
        # A graph with a vector for the whole text is asked for that.
        whole = VECTORS[-1]
        return [whole if name in VECTORS and whole in names and not self.manifest.get("outputs") else name]

    def _read(self, text: Sample) -> Sample:
        return text.lower() if isinstance(text, str) and self.manifest.get("lowercase") else text

    def _own(self, values: np.ndarray, encoding: Encoding) -> np.ndarray:
        count = len(encoding.ids)
        if values.ndim == 0 or self.manifest["task"] in ("text-classification", "zero-shot-classification"):
            return values
        return values[-count:] if self.feeder.pads_left else values[:count]


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-values))


def _only(parameters: Parameters, *known: str) -> None:
    odd = sorted(set(parameters) - set(known))
    if odd:
        raise NoReference(f"it does not know {', '.join(odd)}")


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / (np.linalg.norm(vector) or 1)


def _each(one: Callable[[Any], Any], inputs: Any) -> Any:
    return [one(each) for each in inputs] if isinstance(inputs, list) else one(inputs)


def _ranked(labels: Sequence[str], scores: np.ndarray) -> list[dict[str, Any]]:
    order = np.argsort(-scores, kind="stable")
    return [{"label": labels[index], "score": float(scores[index])} for index in order]


def _vectors(model: Reference, inputs: Any, parameters: Parameters) -> Any:
    _only(parameters, "normalize")
    normalize = parameters.get("normalize", model.manifest.get("normalize", True))

    def one(text: str) -> list[float]:
        vector = model.vector(text)
        return (_unit(vector) if normalize else vector).tolist()

    return _each(one, inputs)


def _similarities(model: Reference, inputs: Any, parameters: Parameters) -> Any:
    _only(parameters)

    def one(asked: dict[str, Any]) -> list[float]:
        source = _unit(model.vector(asked["source_sentence"]))
        return [float(source @ _unit(model.vector(text))) for text in asked["sentences"]]

    return _each(one, inputs)


def _classes(model: Reference, inputs: Any, parameters: Parameters) -> Any:
    _only(parameters, "top_k", "function_to_apply")

    def scores(logits: np.ndarray) -> np.ndarray:
        problem = model.config.get("problem_type")
        several = problem == "multi_label_classification" or logits.size == 1
        usual = "none" if problem == "regression" else "sigmoid" if several else "softmax"
        name = parameters.get("function_to_apply", usual).lower()
        return {"none": lambda values: values, "sigmoid": _sigmoid, "softmax": softmax}[name](logits)

    def one(given: str | dict[str, str]) -> list[dict[str, Any]]:
        pair = [given["text"], given["text_pair"]] if isinstance(given, dict) and "text_pair" in given else None
        text = pair or (given["text"] if isinstance(given, dict) else given)
        _, [logits] = model.logits(text)
        logits = logits.reshape(-1)
        return _ranked([model.label(index) for index in range(logits.size)], scores(logits))[: parameters.get("top_k")]

    # A single text gives a list of one list, as in the Hugging Face inference API.
    return [one(each) for each in (inputs if isinstance(inputs, list) else [inputs])]


def _zero_shot(model: Reference, inputs: Any, parameters: Parameters) -> Any:
    _only(parameters, "candidate_labels", "hypothesis_template", "multi_label")
    given = parameters["candidate_labels"]
    labels = [label.strip() for label in given.split(",")] if isinstance(given, str) else given
    template = parameters.get("hypothesis_template", "This example is {}.")
    names = {int(index): str(name).lower() for index, name in (model.config.get("id2label") or {}).items()}
    entailment = next((index for index, name in names.items() if name.startswith("entail")), -1)
    contradiction = -1 if entailment == 0 else 0

    def one(text: str) -> list[dict[str, Any]]:
        rows = np.array([model.logits([text, template.format(label)], "only_first")[1][0] for label in labels])
        if parameters.get("multi_label") or len(labels) == 1:
            scores = softmax(rows[:, [contradiction, entailment]])[:, 1]
        else:
            scores = softmax(rows[:, entailment])
        return _ranked(labels, scores)

    return _each(one, inputs)


def _masks(model: Reference, inputs: Any, parameters: Parameters) -> Any:
    _only(parameters, "top_k")
    tokenizer = model.tokenizer
    mask = next((tokenizer.token_to_id(name) for name in ("[MASK]", "<mask>") if tokenizer.token_to_id(name) is not None), None)

    def one(text: str) -> Any:
        encoding, [logits] = model.logits(text)
        places = [index for index, token in enumerate(encoding.ids) if token == mask]
        if not places:
            raise NoReference("there is no mask that it knows in the text")
        lists = [choices(encoding.ids, place, softmax(logits[place]), len(places) == 1) for place in places]
        return lists[0] if len(lists) == 1 else lists

    def choices(ids: list[int], place: int, scores: np.ndarray, alone: bool) -> list[dict[str, Any]]:
        found = []
        for token in np.argsort(-scores, kind="stable")[: parameters.get("top_k", 5)].tolist():
            filled = [token if index == place else each for index, each in enumerate(ids)]
            text = tokenizer.decode(filled, skip_special_tokens=alone)
            word = tokenizer.decode([token], skip_special_tokens=False)
            found.append({"score": float(scores[token]), "token": token, "token_str": word, "sequence": text})
        return found

    return _each(one, inputs)


def _entities(model: Reference, inputs: Any, parameters: Parameters) -> Any:
    _only(parameters, "aggregation_strategy")
    strategy = parameters.get("aggregation_strategy", "simple")
    if strategy not in ("none", "simple"):
        raise NoReference(f'it does not know the aggregation strategy "{strategy}"')

    def spell(words: list[str]) -> str:
        return model.tokenizer.decoder.decode(words) if model.tokenizer.decoder else " ".join(words)

    def tokens(text: str) -> list[dict[str, Any]]:
        if model.feeder.length(text) > model.feeder.max_tokens:
            raise NoReference("the text is read in several windows")
        encoding, [logits] = model.logits(text)
        found = []
        for index, row in enumerate(softmax(logits)):
            if encoding.special_tokens_mask[index]:
                continue
            best = int(row.argmax())
            start, end = encoding.offsets[index]
            token = {"entity": model.label(best), "score": float(row[best]), "index": index}
            found.append({**token, "word": encoding.tokens[index], "start": start, "end": end})
        return found

    def tag(token: dict[str, Any]) -> str:
        return token["entity"].removeprefix("B-").removeprefix("I-")

    def joined(group: list[dict[str, Any]]) -> dict[str, Any]:
        score = float(np.mean([each["score"] for each in group]))
        word = spell([each["word"] for each in group])
        return {"entity_group": tag(group[0]), "score": score, "word": word, "start": group[0]["start"], "end": group[-1]["end"]}

    def one(text: str) -> list[dict[str, Any]]:
        found = tokens(text)
        if strategy == "none":
            return [each for each in found if each["entity"] != "O"]
        groups: list[list[dict[str, Any]]] = []
        for token in found:
            if groups and not token["entity"].startswith("B-") and tag(groups[-1][-1]) == tag(token):
                groups[-1].append(token)
            else:
                groups.append([token])
        return [each for each in map(joined, groups) if each["entity_group"] != "O"]

    return _each(one, inputs)


LONGEST_ANSWER = 15


def _answers(model: Reference, inputs: Any, parameters: Parameters) -> Any:
    _only(parameters, "top_k")
    if parameters.get("top_k", 1) != 1:
        raise NoReference("it has one answer")

    def one(asked: dict[str, str]) -> dict[str, Any]:
        pair = [asked["question"], asked["context"]]
        if model.feeder.length(pair) > min(model.feeder.max_tokens, 384):
            raise NoReference("the context is read in several windows")
        encoding, [starts, ends] = model.logits(pair)
        context = np.array([each == 1 for each in encoding.sequence_ids])
        # The first token stands for no answer, and takes part.
        part = context.copy()
        part[0] = True
        start, end = (softmax(np.where(part, row, -np.inf)) for row in (starts, ends))
        # Spans with the same text, after they are extended to whole words, are one answer with the sum of their scores.
        found: dict[str, dict[str, Any]] = {}
        scores = np.tril(np.triu(np.outer(start, end)), LONGEST_ANSWER - 1) * np.outer(context, context)
        for index in np.argsort(-scores, axis=None, kind="stable")[:12]:
            first, last = np.unravel_index(index, scores.shape)
            score = float(scores[first, last])
            if score == 0:
                break
            begin, finish = _word(encoding, int(first), int(last))
            text = asked["context"][begin:finish]
            same = found.setdefault(text.lower(), {"score": 0.0, "start": begin, "end": finish, "answer": text})
            same["score"] += score
        return max(found.values(), key=lambda each: each["score"])

    return _each(one, inputs)


def _word(encoding: Encoding, first: int, last: int) -> tuple[int, int]:
    """The characters of a span, extended to whole words."""
    def chars(token: int) -> tuple[int, int]:
        word = encoding.token_to_word(token)
        return encoding.offsets[token] if word is None else encoding.word_to_chars(word[1] if isinstance(word, tuple) else word, 1)

    return chars(first)[0], chars(last)[1]


GREEDY = {"do_sample": False, "num_beams": 1}
# As in transformers' pipelines.
NEW_TOKENS = 256


def _new_tokens(parameters: Parameters) -> int:
    _only(parameters, "max_new_tokens", "return_full_text", "clean_up_tokenization_spaces", *GREEDY)
    if any(parameters.get(name, neutral) != neutral for name, neutral in GREEDY.items()):
        raise NoReference("it only generates greedily")
    return parameters.get("max_new_tokens", NEW_TOKENS)


def _continuations(model: Reference, inputs: Any, parameters: Parameters) -> Any:
    most = _new_tokens(parameters)
    if not isinstance(inputs, str):
        raise NoReference("it continues one text")
    full = parameters.get("return_full_text", True)
    return [{"generated_text": (inputs if full else "") + model.written(inputs, most)}]


def _rewritings(field: str) -> Callable[[Reference, Any, Parameters], Any]:
    def reply(model: Reference, inputs: Any, parameters: Parameters) -> Any:
        most = _new_tokens(parameters)
        prefixes = model.config.get("task_specific_params") or {}
        own = {**model.config, **(prefixes.get(model.manifest["task"]) or {})}
        texts = inputs if isinstance(inputs, list) else [inputs]
        return [{field: model.written((own.get("prefix") or "") + text, most)} for text in texts]

    return reply


REPLIES: dict[str, Callable[[Reference, Any, Parameters], Any]] = {
    "feature-extraction": _vectors,
    "fill-mask": _masks,
    "question-answering": _answers,
    "sentence-similarity": _similarities,
    "summarization": _rewritings("summary_text"),
    "text-classification": _classes,
    "text-generation": _continuations,
    "token-classification": _entities,
    "translation": _rewritings("translation_text"),
    "zero-shot-classification": _zero_shot,
}
