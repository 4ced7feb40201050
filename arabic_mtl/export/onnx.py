"""A whole model as one ONNX graph, which onnxruntime runs without torch.

The inputs are a batch's tokens; the outputs are ``TASK/LOGITS`` for every task, and ``encoded``,
the hidden states. The numbers of rows, tokens and spans are dynamic. Two inputs are optional:

``spans`` (spans, 6)
    The spans to label: row, start, end, first token, last token + 1, and the index of the
    condition or -1. Without ``spans``, the outputs of tasks that label given spans are empty.
``hidden`` (rows, tokens, size)
    Hidden states of an earlier pass, which replace the encoder. With both ``hidden`` and
    ``spans``, the outputs of all other tasks are empty.

A caller therefore encodes a text once, although its spans are known only after it is tagged.
"""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

from arabic_mtl.errors import InputError
from arabic_mtl.export.folder import Outcome, TrainedModel
from arabic_mtl.export.graph import (
    branch,
    empty_branch,
    if_else,
    join,
    passthrough_branch,
    quantize_int8,
    trace,
)
from arabic_mtl.export.parts import AXES, graph_parts
from arabic_mtl.inference.parts import INT8, ONNX
from arabic_mtl.inference.session import ENCODED, HIDDEN, OUTPUTS, SPANS, Session

TOLERANCE = 1e-4
"""The largest allowed difference between the logits of a graph and torch's."""


def compose(parts: dict[str, ModelProto], size: int, outputs: dict[str, list[str]]) -> ModelProto:
    """Returns the graph of a whole model.

    Args:
        parts: Name to the traced graph of each part of `graph_parts`.
        size: The size of a hidden state.
        outputs: Task to the names of its outputs, kept as metadata.
    """
    encoder = parts["encoder"]
    nodes = [*_is_empty(HIDDEN, "no_hidden"), *_is_empty(SPANS, "no_spans")]
    nodes.append(helper.make_node("Or", ["no_hidden", "no_spans"], ["label_texts"]))
    nodes.append(helper.make_node("Not", ["no_spans"], ["label_spans"]))
    nodes.append(if_else("no_hidden", branch(encoder), passthrough_branch(encoder, HIDDEN)))
    for name, condition in (("texts", "label_texts"), (SPANS, "label_spans")):
        if part := parts.get(name):
            nodes.append(if_else(condition, branch(part), empty_branch(part)))
    required = dict.fromkeys(i.name for part in parts.values() for i in part.graph.input)
    inputs = [
        _input(name, size) for name in dict.fromkeys([*required, HIDDEN, SPANS]) if name != ENCODED
    ]
    defaults = [
        numpy_helper.from_array(np.zeros((0, 0, size), dtype=np.float32), HIDDEN),
        numpy_helper.from_array(np.zeros((0, 6), dtype=np.int64), SPANS),
    ]
    model = join(nodes, parts.values(), inputs, defaults)
    helper.set_model_props(model, {OUTPUTS: json.dumps(outputs, ensure_ascii=False)})
    return model


def write_graphs(model: TrainedModel, folder: Path) -> list[Outcome]:
    """Writes a model's graph, and the same graph with 8-bit weights.

    Args:
        model: The model.
        folder: The folder to write `ONNX` and `INT8` into.

    Raises:
        InputError: If the encoder cannot be exported, or the graph's logits differ from the
            model's.
    """
    parts = {part.name: trace(part, AXES) for part in graph_parts(model.network)}
    _write(parts, model, folder / ONNX)
    deviation = difference(model, folder / ONNX)
    if deviation > TOLERANCE:
        raise InputError(
            "an exported graph must have the logits of the model",
            found=f"logits that differ by {deviation:.1g}",
            expected=f"a difference of at most {TOLERANCE}",
        )
    _write({name: quantize_int8(part) for name, part in parts.items()}, model, folder / INT8)
    sizes = {name: f"{(folder / name).stat().st_size / 1e6:.1f} MB" for name in (ONNX, INT8)}
    return [
        Outcome("all tasks", ONNX, f"{sizes[ONNX]}; logits differ from torch's by {deviation:.0e}"),
        Outcome("all tasks", INT8, f"{sizes[INT8]}; 8-bit weights"),
    ]


def _write(parts: dict[str, ModelProto], model: TrainedModel, path: Path) -> None:
    """Writes the graph of a whole model."""
    outputs = {name: list(decoder.outputs) for name, decoder in model.parts.decoders.items()}
    onnx.save(compose(parts, model.network.encoder.hidden_size, outputs), path)


_TEXTS = ("كانت الغُرفة ممتـــازة، والموظفون رائعون!", "لا", "wifi ٣ نجوم " * 80, "")


def difference(model: TrainedModel, path: Path) -> float:
    """Returns the largest difference between a graph's logits and torch's on example texts.

    Args:
        model: The model in torch.
        path: The file of the graph.
    """
    session = Session(path, model.parts.decoders, model.parts.text)
    rows = model.parts.text.encode(_TEXTS, [None] * len(_TEXTS))
    table = np.array([[0, 5, 11, 1, 2, 0], [1, 0, 0, 0, len(rows[1]), -1]], dtype=np.int64)
    largest = 0.0
    for batch in (rows, rows[:2]):
        ask_torch, ask_graph = model.session.read(batch), session.read(batch)
        for name, head in model.network.heads.items():
            spans = table if head.asks_spans else None
            for field, logits in ask_torch(name, spans).items():
                deviation = np.abs(logits - ask_graph(name, spans)[field]).max()
                largest = max(largest, float(deviation))
    return largest


def _input(name: str, size: int) -> ValueInfoProto:
    """Returns the declaration of a graph's input; ``size`` is the size of a hidden state."""
    if name == HIDDEN:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["rows", "tokens", size])
    shape = list(AXES[name].values()) + [6] * (name == SPANS)
    return helper.make_tensor_value_info(name, TensorProto.INT64, shape)


def _is_empty(name: str, result: str) -> list[NodeProto]:
    """Returns nodes that set the tensor ``result`` to true if an input has no elements."""
    zero = numpy_helper.from_array(np.array(0, dtype=np.int64))
    return [
        helper.make_node("Size", [name], [f"size_of_{name}"]),
        helper.make_node("Constant", [], [f"none_of_{name}"], value=zero),
        helper.make_node("Equal", [f"size_of_{name}", f"none_of_{name}"], [result]),
    ]
