"""Checks untrusted ONNX files."""

from collections.abc import Iterator
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError, Message
from onnx import TensorProto

from errors import ModelError


def tensors(message: Message) -> Iterator[TensorProto]:
    """Every tensor in a graph: initializers, attributes, subgraphs, functions."""
    if isinstance(message, TensorProto):
        yield message
        return
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        for each in value if field.is_repeated else [value]:
            yield from tensors(each)


def _check_location(tensor: TensorProto, folder: Path, name: str) -> Path:
    """The file with a tensor's data, which must be one of the model's files and long enough."""
    facts = {entry.key: entry.value for entry in tensor.external_data}
    location = facts.get("location", "")
    path = folder / location
    if not location or Path(location).is_absolute() or ".." in Path(location).parts:
        raise ModelError(f'{name} keeps the tensor "{tensor.name}" outside of its own folder, in "{location}"')
    if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
        raise ModelError(f'{name} keeps the tensor "{tensor.name}" in "{location}", which is not among the model\'s files: add it to `files` of the spec')
    try:
        offset, length = int(facts.get("offset", 0)), int(facts.get("length", 0))
    except ValueError:
        offset = -1
    if offset < 0 or length < 0 or offset + length > path.stat().st_size:
        raise ModelError(f'{name} is damaged: "{location}" ends before the data of the tensor "{tensor.name}"')
    return path


def check_source(path: Path) -> set[Path]:
    """
    Refuses a file that is not ONNX, is cut off, or refers to data outside of its folder.
    Returns the files that hold its external data.
    """
    try:
        model = onnx.load(path, load_external_data=False)
    except DecodeError:
        raise ModelError(f"{path.name} is not a whole ONNX file: it is damaged or cut off") from None
    if not model.graph.node:
        raise ModelError(f"{path.name} is not an ONNX model: it has no graph")
    external = [tensor for tensor in tensors(model) if tensor.data_location == TensorProto.EXTERNAL]
    return {_check_location(tensor, path.parent, path.name) for tensor in external}
