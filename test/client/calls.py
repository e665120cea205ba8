"""Every call that huggingface_hub's InferenceClient has for the tasks of a running function.

calls.py URL: the models are at URL/models/<name>. Calls each method bare and with each of its parameters, and prints one JSON
object per call: {task, parameter, value} with what the client made of the answer, or {task, parameter, refused} with the
status and the words of the function. Parameters are taken from the client itself: one that it gets in a later version has
no value here, which ends the program.
"""

import base64
import inspect
import json
import sys

import numpy
from huggingface_hub import InferenceClient
from huggingface_hub.errors import HfHubHTTPError

URL, REQUESTS = sys.argv[1], json.load(sys.stdin)
# Parameters that say where to, not what.
ADDRESSING = {"model"}
GENERATION = {"max_new_tokens": 3, "do_sample": False}
LANGUAGES = {"src_lang", "tgt_lang"}
CHAT = [{"role": "user", "content": "Hello"}]



def of(given, names):
    return {name: given[name] for name in given if name in names}


# Task -> model, method, its arguments for a request of Python's pipelines, and a value for each parameter.
CALLS = {
    "feature-extraction": (
        "vectors",
        lambda inputs, _: {"text": inputs},
        {"normalize": True, "prompt_name": "query", "truncate": True, "truncation_direction": "left", "dimensions": 8, "encoding_format": "float"},
    ),
    "fill-mask": ("mask", lambda inputs, given: {"text": inputs, **given}, {"targets": ["the", "a"], "top_k": 2}),
    "image-classification": (
        "vit",
        lambda inputs, given: {"image": base64.b64decode(inputs), **given},
        {"function_to_apply": "sigmoid", "top_k": 2},
    ),
    "question-answering": (
        "answers",
        lambda inputs, given: {**inputs, **given},
        {"align_to_words": False, "doc_stride": 4, "handle_impossible_answer": True, "max_answer_len": 5, "max_question_len": 8, "max_seq_len": 32, "top_k": 2},
    ),
    "sentence-similarity": ("similar", lambda inputs, _: {"sentence": inputs["source_sentence"], "other_sentences": inputs["sentences"]}, {}),
    "summarization": (
        "summary",
        lambda inputs, given: {"text": inputs, "generate_parameters": given},
        {"clean_up_tokenization_spaces": True, "generate_parameters": GENERATION, "truncation": "only_first"},
    ),
    "text-classification": ("moods", lambda inputs, _: {"text": inputs}, {"top_k": 2, "function_to_apply": "sigmoid"}),
    "text-generation": (
        "gpt2",
        lambda inputs, given: {"prompt": inputs, **given},
        {
            "details": True, "stream": True, "adapter_id": "lora", "best_of": 2, "decoder_input_details": True, "do_sample": False,
            "frequency_penalty": 0.5, "grammar": {"type": "regex", "value": "a+"}, "max_new_tokens": 2, "repetition_penalty": 1.2,
            "return_full_text": False, "seed": 7, "stop": ["e"], "temperature": 0.7, "top_k": 5, "top_n_tokens": 2, "top_p": 0.9,
            "truncate": 2, "typical_p": 0.9, "watermark": True,
        },
    ),
    "token-classification": ("entities", lambda inputs, given: {"text": inputs, **given}, {"aggregation_strategy": "first", "ignore_labels": [], "stride": 4}),
    "translation": (
        "languages",
        lambda inputs, given: {"text": inputs, **of(given, LANGUAGES), "generate_parameters": of(given, set(given) - LANGUAGES)},
        {"src_lang": "fra_Latn", "tgt_lang": "deu_Latn", "clean_up_tokenization_spaces": True, "truncation": "only_first", "generate_parameters": GENERATION},
    ),
    "zero-shot-classification": (
        "nli",
        lambda inputs, given: {"text": inputs, **given},
        {"candidate_labels": ["city"], "multi_label": True, "hypothesis_template": "It is about {}."},
    ),
    "chat-completion": (
        "gpt2",
        lambda *_: {"messages": CHAT, "max_tokens": 5, "temperature": 0},
        {
            "stream": True, "frequency_penalty": 0.5, "logit_bias": [1.0], "logprobs": True, "max_tokens": 2, "n": 2, "presence_penalty": 0.5,
            "response_format": {"type": "json_object"}, "seed": 7, "stop": ["e"], "stream_options": {"include_usage": True}, "temperature": 0.5,
            "tool_choice": "required", "tool_prompt": "Use:", "tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}],
            "top_logprobs": 2, "top_p": 0.9, "extra_body": {"min_p": 0.1},
        },
    ),
}
# What the client insists on beside a parameter.
BESIDE = {
    ("text-generation", "decoder_input_details"): {"details": True},
    ("text-generation", "top_n_tokens"): {"details": True},
    ("chat-completion", "top_logprobs"): {"logprobs": True},
    ("chat-completion", "stream_options"): {"stream": True},
}


def plain(value):
    """As JSON has it; the pieces of a stream as a list."""
    if isinstance(value, numpy.ndarray):
        return value.tolist()
    if isinstance(value, (str, dict, list, float, int)) or value is None:
        return value
    return list(value)


def ask(client, method, arguments):
    try:
        return {"value": plain(getattr(client, method)(**arguments))}
    except HfHubHTTPError as error:
        return {"refused": {"status": error.response.status_code, **error.response.json()}}


for task, (model, arguments_of, values) in CALLS.items():
    method = task.replace("-", "_")
    client = InferenceClient(f"{URL}/models/{model}", timeout=60)
    request = REQUESTS[task]
    known = set(inspect.signature(getattr(InferenceClient, method)).parameters) - {"self"} - ADDRESSING
    # Python's pipelines have some that no method of the client has; those of a generation go in one of it.
    given = {name: value for name, value in request.get("parameters", {}).items() if name in known or "generate_parameters" in known}
    base = arguments_of(request["inputs"], given)
    inputs = set(base) - set(values)
    if known - inputs != set(values):
        sys.exit(f"{task}: no values for {known - inputs - set(values)}, or no such parameters: {set(values) - known}")
    print(json.dumps({"task": task, "parameter": None, **ask(client, method, base)}), flush=True)
    for name, value in values.items():
        arguments = {**base, name: value, **BESIDE.get((task, name), {})}
        print(json.dumps({"task": task, "parameter": name, **ask(client, method, arguments)}), flush=True)
