"""The quantization methods: each takes the path of a graph in fp32 and its recipe, and returns the quantized graph."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static
from onnxruntime.quantization.calibrate import TensorData, TensorsData, create_calibrator, save_tensors_data

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


def _coarse(limits: np.ndarray) -> np.ndarray:
    """
    Rounds the ends of ranges away from zero to 5 significant bits. CPUs add in different orders, so the last bits of a range
    depend on the build machine. A value just above a step, such as 1, is rounded to that step for the same reason.
    """
    mantissa, exponent = np.frexp(limits)
    return np.ldexp(np.sign(mantissa) * np.ceil(np.abs(mantissa) * 32 - 0.001) / 32, exponent).astype(limits.dtype)


def _ranges(path: Path, feeds: Feeds) -> TensorsData:
    """The range of every activation, rounded so that it is the same on every CPU."""
    calibrator = create_calibrator(path, augmented_model_path=str(path.with_suffix(".calibration.onnx")))
    calibrator.collect_data(_Feeds(feeds))
    found = calibrator.compute_data()
    ranges = {name: TensorData(lowest=_coarse(data.lowest), highest=_coarse(data.highest)) for name, data in found.items()}
    return TensorsData(found.calibration_method, ranges)


def _static(path: Path, recipe: dict[str, Any], feeds: Feeds) -> onnx.ModelProto:
    output, ranges = path.with_suffix(".static.onnx"), path.with_suffix(".ranges.json")
    save_tensors_data(_ranges(path, feeds), ranges)
    quantize_static(
        path,
        output,
        calibration_cache_path=ranges,
        quant_format=QuantFormat.QDQ,
        activation_type=QuantType[recipe["activations"]],
        weight_type=QuantType.QInt8,
        per_channel=recipe["perChannel"],
        reduce_range=recipe["reduceRange"],
    )
    return onnx.load(output)


def _nbits(path: Path, recipe: dict[str, Any], _feeds: Feeds) -> onnx.ModelProto:
    # Imported here because it loads sympy, which takes longer than most graphs.
    from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

    model = onnx.load(path)
    for operator, block_size in recipe["blockSizes"].items():
        quantizer = MatMulNBitsQuantizer(
            model,
            bits=recipe["bits"],
            block_size=block_size,
            accuracy_level=recipe["accuracyLevel"],
            op_types_to_quantize=(operator,),
        )
        quantizer.process()
        model = quantizer.model.model
    return model


METHODS: dict[str, Method] = {
    "keep": _keep,
    "float16": _float16,
    "dynamic": _dynamic,
    "static": _static,
    "nbits": _nbits,
}
