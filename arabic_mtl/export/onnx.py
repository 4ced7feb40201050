"""A whole model as one ONNX graph, which onnxruntime runs without torch.

It takes a batch's tokens and gives ``TASK/LOGITS`` for every task, beside ``encoded``, the hidden
states. Rows, tokens and spans may be any number. Two inputs may be left out:

``spans`` (spans, 6)
    Pieces of texts that are to be labelled: row, start, end, first token, last + 1, the number of
    what is told or -1. Without them the tasks that label spans say nothing.
``hidden`` (rows, tokens, size)
    What was encoded before: it is not encoded again. With both, the other tasks say nothing.

So a text is encoded once, though the spans are only known when its tags are.
"""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

from arabic_mtl.errors import InputError
from arabic_mtl.export.folder import Opened, Outcome
from arabic_mtl.export.graph import branch, if_else, join, nothing, of_bytes, same, trace
from arabic_mtl.export.parts import AXES, parts_of
from arabic_mtl.inference.parts import INT8, ONNX
from arabic_mtl.inference.session import ENCODED, HIDDEN, OUTPUTS, SPANS, Session

TOLERANCE = 1e-4
"""By how much the logits of a graph may differ from torch's."""


def compose(parts: dict[str, ModelProto], size: int, outputs: dict[str, list[str]]) -> ModelProto:
    """One graph of the parts.

    Args:
        parts: The graphs of `parts_of`, by name.
        size: Of a hidden state.
        outputs: Task to the names of its outputs.
    """
    nodes = [*_is_empty(HIDDEN, "unread"), *_is_empty(SPANS, "unasked")]
    nodes.append(helper.make_node("Or", ["unread", "unasked"], ["whole"]))
    nodes.append(helper.make_node("Not", ["unasked"], ["asked"]))
    nodes.append(if_else("unread", branch(parts["encoder"]), same(parts["encoder"], HIDDEN)))
    for name, condition in (("texts", "whole"), (SPANS, "asked")):
        if part := parts.get(name):
            nodes.append(if_else(condition, branch(part), nothing(part)))
    taken = dict.fromkeys(i.name for part in parts.values() for i in part.graph.input)
    inputs = [
        _input(name, size) for name in dict.fromkeys([*taken, HIDDEN, SPANS]) if name != ENCODED
    ]
    defaults = [
        numpy_helper.from_array(np.zeros((0, 0, size), dtype=np.float32), HIDDEN),
        numpy_helper.from_array(np.zeros((0, 6), dtype=np.int64), SPANS),
    ]
    model = join(nodes, parts.values(), inputs, defaults)
    helper.set_model_props(model, {OUTPUTS: json.dumps(outputs, ensure_ascii=False)})
    return model


def write_graphs(model: Opened, folder: Path) -> list[Outcome]:
    """Writes a model's graph, and the same with weights of eight bits.

    Args:
        model: The model.
        folder: Gets `ONNX` and `INT8`.

    Raises:
        InputError: If the encoder cannot be exported, or the graph does not say what the model
            says.
    """
    parts = {part.name: trace(part, AXES) for part in parts_of(model.network)}
    _write(parts, model, folder / ONNX)
    apart = difference(model, folder / ONNX)
    if apart > TOLERANCE:
        raise InputError(
            "an exported graph says what the model says",
            found=f"logits that differ by {apart:.1g}",
            expected=f"at most {TOLERANCE}",
        )
    _write({name: of_bytes(part) for name, part in parts.items()}, model, folder / INT8)
    sizes = {name: f"{(folder / name).stat().st_size / 1e6:.1f} MB" for name in (ONNX, INT8)}
    return [
        Outcome("all tasks", ONNX, f"{sizes[ONNX]}; logits differ from torch's by {apart:.0e}"),
        Outcome("all tasks", INT8, f"{sizes[INT8]}; weights of 8 bits"),
    ]


def _write(parts: dict[str, ModelProto], model: Opened, path: Path) -> None:
    outputs = {name: list(decoder.outputs) for name, decoder in model.parts.decoders.items()}
    onnx.save(compose(parts, model.network.encoder.hidden_size, outputs), path)


_TEXTS = ("كانت الغُرفة ممتـــازة، والموظفون رائعون!", "لا", "wifi ٣ نجوم " * 80, "")


def difference(model: Opened, path: Path) -> float:
    """The largest between the logits of a graph and torch's, over short texts and a long one."""
    session = Session(path, model.parts.decoders, model.parts.text)
    rows = model.parts.text.encode(_TEXTS, [None] * len(_TEXTS))
    table = np.array([[0, 5, 11, 1, 2, 0], [1, 0, 0, 0, len(rows[1]), -1]], dtype=np.int64)
    found = 0.0
    for batch in (rows, rows[:2]):
        expected, got = model.session.read(batch), session.read(batch)
        for name, head in model.network.heads.items():
            spans = table if head.asks_spans else None
            for field, logits in expected(name, spans).items():
                found = max(found, float(np.abs(logits - got(name, spans)[field]).max()))
    return found


def _input(name: str, size: int) -> ValueInfoProto:
    if name == HIDDEN:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["rows", "tokens", size])
    shape = list(AXES[name].values()) + [6] * (name == SPANS)
    return helper.make_tensor_value_info(name, TensorProto.INT64, shape)


def _is_empty(name: str, result: str) -> list[NodeProto]:
    """Whether an input is left out."""
    zero = numpy_helper.from_array(np.array(0, dtype=np.int64))
    return [
        helper.make_node("Size", [name], [f"size_of_{name}"]),
        helper.make_node("Constant", [], [f"none_of_{name}"], value=zero),
        helper.make_node("Equal", [f"size_of_{name}", f"none_of_{name}"], [result]),
    ]
