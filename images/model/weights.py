"""Writes a graph's weights to files, and counts them."""

from collections import Counter
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper
from onnx.external_data_helper import set_external_data

# A page: ONNX Runtime maps the weights, and a mapping begins at a page.
ALIGNMENT = 4096
# Smaller tensors stay in the graph: copying them takes less time than mapping.
SMALLEST = 16384


def write_model(model: onnx.ModelProto, path: Path) -> None:
    """Writes the graph, and its weights to NAME.onnx.data, reproducibly."""
    data = path.with_name(f"{path.name}.data")
    with data.open("wb") as file:
        for tensor in model.graph.initializer:
            if not tensor.HasField("raw_data") or len(tensor.raw_data) < SMALLEST:
                continue
            file.write(bytes(-file.tell() % ALIGNMENT))
            set_external_data(tensor, data.name, offset=file.tell(), length=len(tensor.raw_data))
            file.write(tensor.raw_data)
            tensor.ClearField("raw_data")
            tensor.data_location = TensorProto.EXTERNAL
    if data.stat().st_size == 0:
        data.unlink()
    path.write_bytes(model.SerializeToString(deterministic=True))


def bytes_by_type(model: onnx.ModelProto) -> dict[str, int]:
    """Bytes of the weights per type, by the names of ONNX: `{"FLOAT": 90261524, "INT64": 4408}`."""
    counted: Counter[str] = Counter()
    for tensor in model.graph.initializer:
        bits = np.prod(tensor.dims, dtype=np.int64) * _bits(tensor.data_type)
        counted[TensorProto.DataType.Name(tensor.data_type)] += int(bits + 7) // 8
    return dict(sorted(counted.items()))


def _bits(data_type: int) -> int:
    name = TensorProto.DataType.Name(data_type)
    if name.endswith("INT4") or name.startswith("FLOAT4"):
        return 4
    return helper.tensor_dtype_to_np_dtype(data_type).itemsize * 8


def narrow_bytes(counted: dict[str, int]) -> int:
    """Bytes of the weights that are narrower than 32 bits."""
    narrow = ("INT8", "INT4", "FLOAT16", "FLOAT8", "FLOAT4", "BFLOAT16")
    return sum(size for name, size in counted.items() if any(part in name for part in narrow))
