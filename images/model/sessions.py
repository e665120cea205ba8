"""ONNX Runtime for the stage: one thread, and the same numbers on every CPU."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import onnx
import onnxruntime as ort

from errors import ModelError

ort.set_default_logger_severity(3)
LEVELS = {
    "none": ort.GraphOptimizationLevel.ORT_DISABLE_ALL,
    "basic": ort.GraphOptimizationLevel.ORT_ENABLE_BASIC,
    "extended": ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
    "all": ort.GraphOptimizationLevel.ORT_ENABLE_ALL,
}
EMPTY: Mapping[str, str] = {}
# x86 CPUs without VNNI saturate sums of 8-bit products, which arm64 does not. With this setting and level `all`, ONNX
# Runtime uses another kernel there, with the same results as on other CPUs.
NO_SATURATION = {"session.x64quantprecision": "1"}
# The fused operator is not vectorized: it takes 52 microseconds where addition and normalization take 12 (MiniLM, 32 tokens).
SLOWER_FUSIONS = ["SkipLayerNormFusion"]


def _options(level: str, config: Mapping[str, str]) -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.graph_optimization_level = LEVELS[level]
    for key, value in config.items():
        options.add_session_config_entry(key, value)
    return options


def _open(path: Path, options: ort.SessionOptions, disabled: Sequence[str] = ()) -> ort.InferenceSession:
    try:
        return ort.InferenceSession(
            path, options, providers=["CPUExecutionProvider"], disabled_optimizers=list(disabled)
        )
    except Exception as error:  # ONNX Runtime's exceptions have no common base class but this
        raise ModelError(f"ONNX Runtime {ort.__version__} cannot open {path.name}: {reason_of(error)}") from None


def reason_of(error: Exception) -> str:
    """The message of ONNX Runtime in one line."""
    text = re.sub(r"\s+", " ", str(error)[:4000])
    opset = re.search(r"opset (\d+) is under development.*?till opset (\d+)", text, re.IGNORECASE)
    if opset:
        return f"it needs opset {opset[1]}, and the newest one supported is {opset[2]}; export it with an older one"
    # Removes status, path and the location in ONNX Runtime's sources.
    return re.sub(r"^\[ONNXRuntimeError\] : \d+ : \w+ : (?:Load model from \S+ failed:)?(?:/\S+:\d+ )?", "", text)[:400]


def open_session(path: Path, level: str, config: Mapping[str, str] = EMPTY) -> ort.InferenceSession:
    """The model as it runs in an image (level `all`), or as it is in the file (level `none`)."""
    return _open(path, _options(level, config))


def optimized(path: Path, scratch: Path, level: str, config: Mapping[str, str]) -> onnx.ModelProto:
    """The graph after ONNX Runtime's optimization."""
    scratch.mkdir()
    options = _options(level, config)
    options.optimized_model_filepath = str(scratch / "model.onnx")
    options.add_session_config_entry("session.optimized_model_external_initializers_file_name", "model.onnx.data")
    _open(path, options, SLOWER_FUSIONS)
    model = onnx.load(scratch / "model.onnx")
    for node in model.graph.node:
        _deduplicate_branch_weights(node)
    return model


def _deduplicate_branch_weights(node: onnx.NodeProto) -> None:
    """ONNX Runtime writes every weight of a branch (If, Loop) twice and cannot read the result: keeps the first one."""
    for attribute in node.attribute:
        if attribute.type != onnx.AttributeProto.GRAPH:
            continue
        weights = {tensor.name: tensor for tensor in reversed(attribute.g.initializer)}
        kept = [onnx.TensorProto.FromString(weights[name].SerializeToString()) for name in reversed(weights)]
        del attribute.g.initializer[:]
        attribute.g.initializer.extend(kept)
        for inner in attribute.g.node:
            _deduplicate_branch_weights(inner)
