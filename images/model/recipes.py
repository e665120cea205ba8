"""The ways to quantize a graph: each takes the path of a graph in fp32 and its recipe, and returns another graph."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static

Feeds = Iterable[dict[str, np.ndarray]]
Method = Callable[[Path, dict[str, Any], Feeds], onnx.ModelProto]


class _Feeds(CalibrationDataReader):
    def __init__(self, feeds: Feeds) -> None:
        self._feeds = iter(feeds)

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self._feeds, None)


def _keep(path: Path, _recipe: dict[str, Any], _feeds: Feeds) -> onnx.ModelProto:
    return onnx.load(path)


def _float16(path: Path, _recipe: dict[str, Any], _feeds: Feeds) -> onnx.ModelProto:
    from onnxruntime.transformers.float16 import convert_float_to_float16

    return convert_float_to_float16(onnx.load(path), keep_io_types=True, disable_shape_infer=True)


def _dynamic(path: Path, recipe: dict[str, Any], _feeds: Feeds) -> onnx.ModelProto:
    output = path.with_suffix(".dynamic.onnx")
    quantize_dynamic(
        path,
        output,
        per_channel=recipe["perChannel"],
        reduce_range=recipe["reduceRange"],
        weight_type=QuantType.QInt8,
        extra_options={"EnableSubgraph": True},
    )
    return onnx.load(output)


def _static(path: Path, recipe: dict[str, Any], feeds: Feeds) -> onnx.ModelProto:
    output = path.with_suffix(".static.onnx")
    quantize_static(
        path,
        output,
        _Feeds(feeds),
        quant_format=QuantFormat.QDQ,
        activation_type=QuantType[recipe["activations"]],
        weight_type=QuantType.QInt8,
        per_channel=recipe["perChannel"],
        reduce_range=recipe["reduceRange"],
    )
    return onnx.load(output)


def _nbits(path: Path, recipe: dict[str, Any], _feeds: Feeds) -> onnx.ModelProto:
    # Here and not above: it brings sympy along, which takes longer than most graphs.
    from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

    quantizer = MatMulNBitsQuantizer(
        onnx.load(path),
        bits=recipe["bits"],
        block_size=recipe["blockSize"],
        accuracy_level=recipe["accuracyLevel"],
        op_types_to_quantize=("MatMul", "Gather"),
    )
    quantizer.process()
    return quantizer.model.model


METHODS: dict[str, Method] = {
    "keep": _keep,
    "float16": _float16,
    "dynamic": _dynamic,
    "static": _static,
    "nbits": _nbits,
}
