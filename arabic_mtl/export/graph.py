"""The parts of a model as ONNX graphs, and how they become one.

A part is traced by torch. Parts are joined by conditions, so that what is not asked for is not
computed.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from warnings import catch_warnings, simplefilter

import numpy as np
import onnx
import torch
from onnx import (
    GraphProto,
    ModelProto,
    NodeProto,
    TensorProto,
    ValueInfoProto,
    helper,
    numpy_helper,
)
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

OPSET = 17


class Part(NamedTuple):
    """A part of a model.

    Args:
        name: What its names begin with.
        module: Tensors in, a tuple of tensors out.
        inputs: The names of what it takes, to examples.
        outputs: The names of what it gives.
    """

    name: str
    module: nn.Module
    inputs: Mapping[str, Tensor]
    outputs: Sequence[str]


def trace(part: Part, axes: Mapping[str, Mapping[int, str]]) -> ModelProto:
    """A part as a graph of its own.

    Args:
        part: The part.
        axes: Input to the names of those of its dimensions that may have any size.
    """
    file = BytesIO()
    with torch.no_grad(), catch_warnings():
        simplefilter("ignore")  # of shapes that are traced: what comes out is compared with torch
        torch.onnx.export(
            part.module.eval(),
            tuple(part.inputs.values()),
            file,  # type: ignore[arg-type]  # any binary file will do
            input_names=list(part.inputs),
            output_names=list(part.outputs),
            dynamic_axes={name: dict(axes[name]) for name in part.inputs},
            opset_version=OPSET,
            do_constant_folding=False,  # it takes the names of constant outputs
            dynamo=False,  # the newer exporter does not keep an LSTM's length open
        )
    graph = onnx.load_from_string(file.getvalue())
    return onnx.compose.add_prefix(graph, f"{part.name}:", rename_inputs=False)


def of_bytes(part: ModelProto) -> ModelProto:
    """A part with weights of eight bits; what is computed from them is quantised as it comes."""
    logging.disable(logging.WARNING)  # it advises on convolutions
    try:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "part.onnx"
            quantize_dynamic(part, path, weight_type=QuantType.QInt8)
            return onnx.load(path)
    finally:
        logging.disable(logging.NOTSET)


def if_else(condition: str, then: GraphProto, other: GraphProto) -> NodeProto:
    """One of two graphs with as many outputs, which are named as those of the first one.

    Args:
        condition: The name of what decides.
        then: Computed where it is true.
        other: Computed else.
    """
    outputs = [_outside(output).name for output in then.output]
    return helper.make_node("If", [condition], outputs, then_branch=then, else_branch=other)


def branch(part: ModelProto) -> GraphProto:
    """A part as one side of a condition: it knows its inputs by the names outside."""
    graph = part.graph
    return helper.make_graph(graph.node, graph.name, [], graph.output)


def same(part: ModelProto, source: str) -> GraphProto:
    """The side of a condition that gives a value in place of a part's only output."""
    (output,) = (_inside(each, "same") for each in part.graph.output)
    node = helper.make_node("Identity", [source], [output.name])
    return helper.make_graph([node], "same", [], [output])


def nothing(part: ModelProto) -> GraphProto:
    """The side of a condition that gives empty tensors in place of a part's outputs."""
    nodes, outputs = [], []
    for output in part.graph.output:
        name = _inside(output, "nothing").name
        shape = [0, *(of.dim_value for of in output.type.tensor_type.shape.dim[1:])]
        empty = numpy_helper.from_array(np.zeros(shape, dtype=np.float32))
        nodes.append(helper.make_node("Constant", [], [name], value=empty))
        outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
    return helper.make_graph(nodes, "nothing", [], outputs)


def _outside(output: ValueInfoProto) -> ValueInfoProto:
    """A part's output as the whole graph has it: by its own name."""
    return _renamed(output, output.name.split(":")[1])


def _inside(output: ValueInfoProto, side: str) -> ValueInfoProto:
    """The same as another side of a condition has it."""
    return _renamed(output, f"{side}:{_outside(output).name}")


def _renamed(value: ValueInfoProto, name: str) -> ValueInfoProto:
    other = ValueInfoProto()
    other.CopyFrom(value)
    other.name = name
    return other


def join(
    nodes: Iterable[NodeProto],
    parts: Iterable[ModelProto],
    inputs: Sequence[ValueInfoProto],
    defaults: Sequence[TensorProto],
) -> ModelProto:
    """One graph.

    Args:
        nodes: What it computes.
        parts: Those that stand on the sides of its conditions; their weights become its own.
        inputs: What it takes.
        defaults: What inputs are where they are left out, by their names.
    """
    parts = list(parts)
    weights = [weight for part in parts for weight in part.graph.initializer]
    outputs = [_outside(output) for part in parts for output in part.graph.output]
    graph = helper.make_graph(list(nodes), "arabic_mtl", inputs, outputs, [*defaults, *weights])
    known = {each.domain: each for part in parts for each in part.opset_import}
    model = helper.make_model(graph, opset_imports=list(known.values()), ir_version=8)
    onnx.checker.check_model(model)
    return model
