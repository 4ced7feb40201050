"""Tracing of a model's parts as ONNX graphs, and their assembly into one graph.

Torch traces each part. ``If`` nodes join the parts, so that a part whose outputs are not needed is
not computed.
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


class GraphPart(NamedTuple):
    """A part of a model that is traced as a graph of its own.

    Args:
        name: The prefix of the names inside the graph.
        module: A module that takes tensors and returns a tuple of tensors.
        inputs: Input name to an example tensor.
        outputs: The names of the outputs.
    """

    name: str
    module: nn.Module
    inputs: Mapping[str, Tensor]
    outputs: Sequence[str]


def trace(part: GraphPart, axes: Mapping[str, Mapping[int, str]]) -> ModelProto:
    """Traces a part of a model as an ONNX graph.

    Args:
        part: The part.
        axes: Input name to the names of its dynamic dimensions, by index.
    """
    file = BytesIO()
    with torch.no_grad(), catch_warnings():
        simplefilter("ignore")  # traced shapes: the graph's logits are compared with torch's later
        torch.onnx.export(
            part.module.eval(),
            tuple(part.inputs.values()),
            file,  # type: ignore[arg-type]  # any binary file will do
            input_names=list(part.inputs),
            output_names=list(part.outputs),
            dynamic_axes={name: dict(axes[name]) for name in part.inputs},
            opset_version=OPSET,
            do_constant_folding=False,  # folding would rename constant outputs
            dynamo=False,  # the newer exporter fixes the length of an LSTM's input
        )
    graph = onnx.load_from_string(file.getvalue())
    return onnx.compose.add_prefix(graph, f"{part.name}:", rename_inputs=False)


def quantize_int8(part: ModelProto) -> ModelProto:
    """Returns a part with 8-bit weights; activations are quantised dynamically."""
    logging.disable(logging.WARNING)  # quantize_dynamic logs hints about convolutions
    try:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "part.onnx"
            quantize_dynamic(part, path, weight_type=QuantType.QInt8)
            return onnx.load(path)
    finally:
        logging.disable(logging.NOTSET)


def if_else(condition: str, then: GraphProto, other: GraphProto) -> NodeProto:
    """Returns an ``If`` node that computes one of two graphs with equally many outputs.

    The outputs of the node have the names of the first graph's outputs.

    Args:
        condition: The name of the boolean tensor that selects the graph.
        then: The graph to compute if the condition is true.
        other: The graph to compute if it is false.
    """
    outputs = [_outer_output(output).name for output in then.output]
    return helper.make_node("If", [condition], outputs, then_branch=then, else_branch=other)


def branch(part: ModelProto) -> GraphProto:
    """Returns a part as a branch of an ``If`` node, which takes its inputs from the outer graph."""
    graph = part.graph
    return helper.make_graph(graph.node, graph.name, [], graph.output)


def passthrough_branch(part: ModelProto, source: str) -> GraphProto:
    """Returns a branch that passes a value on in place of a part's only output.

    Args:
        part: The part, whose output gives the shape and type.
        source: The name of the value in the outer graph.
    """
    (output,) = (_inner_output(each, "passthrough") for each in part.graph.output)
    node = helper.make_node("Identity", [source], [output.name])
    return helper.make_graph([node], "passthrough", [], [output])


def empty_branch(part: ModelProto) -> GraphProto:
    """Returns a branch with empty tensors in place of a part's outputs."""
    nodes, outputs = [], []
    for output in part.graph.output:
        name = _inner_output(output, "empty").name
        shape = [0, *(size.dim_value for size in output.type.tensor_type.shape.dim[1:])]
        empty = numpy_helper.from_array(np.zeros(shape, dtype=np.float32))
        nodes.append(helper.make_node("Constant", [], [name], value=empty))
        outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
    return helper.make_graph(nodes, "empty", [], outputs)


def _outer_output(output: ValueInfoProto) -> ValueInfoProto:
    """Returns a part's output under its name in the outer graph, without the prefix."""
    return _rename(output, output.name.split(":")[1])


def _inner_output(output: ValueInfoProto, prefix: str) -> ValueInfoProto:
    """Returns a part's output under its name in another branch, with that branch's prefix."""
    return _rename(output, f"{prefix}:{_outer_output(output).name}")


def _rename(value: ValueInfoProto, name: str) -> ValueInfoProto:
    """Returns a copy of a graph's input or output with another name."""
    copy = ValueInfoProto()
    copy.CopyFrom(value)
    copy.name = name
    return copy


def join(
    nodes: Iterable[NodeProto],
    parts: Iterable[ModelProto],
    inputs: Sequence[ValueInfoProto],
    defaults: Sequence[TensorProto],
) -> ModelProto:
    """Returns one checked graph with the outputs and the weights of several parts.

    Args:
        nodes: The nodes of the graph, with the parts as branches.
        parts: The parts; their weights become weights of the whole graph.
        inputs: The inputs of the graph.
        defaults: The values of optional inputs, which have the names of the inputs.
    """
    parts = list(parts)
    weights = [weight for part in parts for weight in part.graph.initializer]
    outputs = [_outer_output(output) for part in parts for output in part.graph.output]
    graph = helper.make_graph(list(nodes), "arabic_mtl", inputs, outputs, [*defaults, *weights])
    known = {each.domain: each for part in parts for each in part.opset_import}
    model = helper.make_model(graph, opset_imports=list(known.values()), ir_version=8)
    onnx.checker.check_model(model)
    return model
