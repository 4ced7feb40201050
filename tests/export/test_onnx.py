"""Export as one ONNX graph: equal logits for any number of rows, tokens and spans."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from arabic_mtl.cli.checkpoint import complete_from_run
from arabic_mtl.cli.inspect import Inspection
from arabic_mtl.decoders import Decoder
from arabic_mtl.errors import InputError
from arabic_mtl.evaluation.evaluate import batches
from arabic_mtl.export import TrainedModel, open_model, write_model
from arabic_mtl.export.measure import graph_logits, torch_logits
from arabic_mtl.export.onnx import TOLERANCE, write_graphs
from arabic_mtl.inference.parts import INT8, ONNX
from arabic_mtl.inference.session import ENCODED, OUTPUTS, Session
from arabic_mtl.model.tokens import Tokens
from support.cases import slow
from support.messages import assert_names
from support.runs import Run

pytestmark = pytest.mark.runs

TEXTS = ["كانت الغرفة ممتازة جدا", "لا", "", "الموقع " * 9, "كانت الخدمة سيئة 😍 wifi"]

Exported = tuple[TrainedModel, Path]


@pytest.fixture(scope="module", params=["trained", *slow("plain_run")])
def exported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    found: Run = request.getfixturevalue(request.param)
    folder = tmp_path_factory.mktemp("graph")
    model = open_model(found.folder)
    write_model(model, folder)
    write_graphs(model, folder)
    return model, folder


def open_session(exported: Exported, name: str = ONNX) -> Session:
    model, folder = exported
    return Session(folder / name, model.parts.decoders, model.parts.text)


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_logits_equal_torch(exported: Exported, rows: int) -> None:
    model, _ = exported
    batch = model.parts.text.encode(TEXTS[:rows], [None] * rows)
    expected, found = model.session.read(batch), open_session(exported).read(batch)
    for name, decoder in model.parts.decoders.items():
        for spans in _spans(decoder, rows):
            torch_values, graph_values = expected(name, spans), found(name, spans)
            assert torch_values.keys() == graph_values.keys()
            for field, logits in torch_values.items():
                assert graph_values[field].shape == logits.shape
                np.testing.assert_allclose(graph_values[field], logits, rtol=0, atol=TOLERANCE)


def test_forward_ask_and_graph_have_equal_logits(exported: Exported) -> None:
    """Checks that `forward`, `encode` with `ask`, and the graph have equal logits."""
    model, _ = exported
    _, *options = complete_from_run(["inspect", f"--ckpt_path={model.parts.source.weights}"])
    data = Inspection(options).datamodule
    data.prepare_data()
    data.setup("validate")
    batch = next(batches(data, "validation"))
    forward = torch_logits(model)(batch)
    graph = graph_logits(open_session(exported))(batch)
    with torch.inference_mode():
        hidden = model.network.encode(batch.tokens)  # equal rows as often as they come
        asked = {
            task: model.network.ask(task, hidden[rows], batch.tokens[rows], batch.targets[task])
            for task, rows in batch.rows.items()
        }
    assert forward.keys() == asked.keys() == data.tasks.keys()
    assert graph.keys() == {task for task in data.tasks if batch.origin_of(task)}
    for task in graph:
        logits = forward[task]
        assert logits.keys() == asked[task].keys() == graph[task].keys()
        for name, values in logits.items():
            torch.testing.assert_close(asked[task][name], values, rtol=0, atol=1e-5)
            torch.testing.assert_close(graph[task][name], values, rtol=0, atol=TOLERANCE)


def _spans(decoder: Decoder, rows: int) -> list[np.ndarray | None]:
    """Returns a table of one span, and a table of several spans on each row."""
    if not decoder.asks_spans:
        return [None]
    several = [[row, 0, 0, first, first + 1, -1] for row in range(rows) for first in (0, 1)]
    return [np.array(table, dtype=np.int64) for table in ([[0, 0, 4, 1, 2, -1]], several)]


def test_graph_has_an_output_for_all_logits(exported: Exported) -> None:
    model, folder = exported
    graph = onnx.load(folder / ONNX)
    outputs = {output.name for output in graph.graph.output}
    assert ENCODED in outputs
    assert {name.split("/")[0] for name in outputs - {ENCODED}} == set(model.parts.decoders)
    (props,) = [p.value for p in graph.metadata_props if p.key == OUTPUTS]
    assert json.loads(props) == {n: list(d.outputs) for n, d in model.parts.decoders.items()}


def test_spans_and_hidden_states_are_optional(exported: Exported) -> None:
    import onnxruntime

    session = onnxruntime.InferenceSession(exported[1] / ONNX)
    assert {"hidden", "spans"}.isdisjoint(each.name for each in session.get_inputs())
    others = {each.name for each in session.get_overridable_initializers()}
    assert {"hidden", "spans"} <= others


def test_8_bit_graph_is_smaller_with_similar_logits(exported: Exported) -> None:
    model, folder = exported
    assert (folder / INT8).stat().st_size < (folder / ONNX).stat().st_size
    batch = model.parts.text.encode(TEXTS, [None] * len(TEXTS))
    whole, small = (open_session(exported, name).read(batch) for name in (ONNX, INT8))
    for name, decoder in model.parts.decoders.items():
        for spans in _spans(decoder, len(TEXTS)):
            for field, logits in whole(name, spans).items():
                apart = np.abs(small(name, spans)[field] - logits)
                assert apart.max() < 0.25 * max(np.abs(logits).max(), 1.0)
    assert any(
        (small(name, None)[field] != logits).any()
        for name, decoder in model.parts.decoders.items()
        if not decoder.asks_spans
        for field, logits in whole(name, None).items()
    )


def test_graph_with_other_logits_raises(trained: Run, tmp_path: Path) -> None:
    model = open_model(trained.folder)
    encode = model.network.encode
    head: torch.nn.Linear = model.network.heads["ner"].output

    def encode_with_bias(tokens: Tokens) -> torch.Tensor:
        with torch.no_grad():
            head.bias += 1.0
        return encode(tokens)

    model.network.encode = encode_with_bias
    with pytest.raises(InputError) as caught:
        write_graphs(model, tmp_path)
    (apart,) = re.findall(r"\d+", str(caught.value.found))
    assert int(apart) >= 1  # by which logits differ
    assert str(TOLERANCE) in str(caught.value.expected)


def test_encoder_without_inputs_raises(
    trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = open_model(trained.folder)
    monkeypatch.setattr(type(model.network.encoder), "inputs", ())
    with pytest.raises(InputError) as caught:
        write_graphs(model, tmp_path)
    assert_names(caught.value.found, "WordNetwork ", "`inputs`", "`read`")


def test_graph_with_other_labels_raises(exported: Exported) -> None:
    model, folder = exported
    decoders = model.parts.decoders
    others = {**decoders, "ner": replace(decoders["ner"], labels=("A", "B"))}
    with pytest.raises(InputError) as caught:
        Session(folder / ONNX, others, model.parts.text)
    assert str(caught.value.found).startswith("ner: [")
    assert caught.value.file == folder / ONNX
    with pytest.raises(InputError) as caught:
        Session(folder / ONNX, {"ner": decoders["ner"]}, model.parts.text)
    assert caught.value.file == folder / ONNX
    assert str(caught.value.found).split(": ")[0] in {"sentiment", "category"}
    assert "[" not in str(caught.value.expected)  # for it has no labels


@pytest.mark.parametrize("damage", ["cut", "text", "empty"])
def test_damaged_graph_raises(exported: Exported, tmp_path: Path, damage: str) -> None:
    model, folder = exported
    whole, path = (folder / ONNX).read_bytes(), tmp_path / ONNX
    path.write_bytes({"cut": whole[: len(whole) // 2], "text": b"no graph", "empty": b""}[damage])
    with pytest.raises(InputError) as caught:
        Session(path, model.parts.decoders, model.parts.text)
    assert caught.value.file == path
    assert "`arabic-mtl export --to onnx`" in str(caught.value.expected)
