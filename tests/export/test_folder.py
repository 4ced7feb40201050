"""Export of a whole model into a folder: it predicts the same."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModel

import arabic_mtl
from arabic_mtl.errors import InputError
from arabic_mtl.export import open_model, write_model
from support.paths import files_under
from support.runs import Run
from support.semeval import sample_texts

pytestmark = pytest.mark.runs

TEXTS = ["", "كانت الغرفة ممتازة جدا", *sample_texts()[:20]]


@pytest.fixture(params=["trained", "plain_run"])
def any_run(request: pytest.FixtureRequest) -> Run:
    found: Run = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def exported(trained: Run, tmp_path: Path) -> Path:
    write_model(open_model(trained.folder), tmp_path)
    return tmp_path


def test_exported_model_predicts_the_same(any_run: Run, tmp_path: Path) -> None:
    outcome = write_model(open_model(any_run.folder), tmp_path)
    assert outcome.path == "."
    found = arabic_mtl.load(tmp_path)(TEXTS)
    assert found == arabic_mtl.load(any_run.folder)(TEXTS)
    assert any(annotation.spans for annotation in found)


def test_exported_model_can_be_exported_again(exported: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    again.mkdir()
    write_model(open_model(exported), again)
    names = files_under(again)
    assert {"model.json", "heads.safetensors", "encoder/model.safetensors"} <= set(names)
    for name in names:
        assert (again / name).read_bytes() == (exported / name).read_bytes(), name


def test_folder_has_no_code_and_no_pickle(exported: Path) -> None:
    assert {Path(name).suffix for name in files_under(exported)} == {".json", ".md", ".safetensors"}


def test_hugging_face_reads_the_encoder(plain_run: Run, tmp_path: Path) -> None:
    model = open_model(plain_run.folder)
    write_model(model, tmp_path)
    encoder = AutoModel.from_pretrained(tmp_path / "encoder")
    ids = torch.tensor([[2, 5, 6, 3]])
    with torch.inference_mode():
        expected = model.network.encoder.plain(input_ids=ids).last_hidden_state
        assert torch.equal(encoder(input_ids=ids).last_hidden_state, expected)


def test_the_card_names_every_head_weight(exported: Path) -> None:
    card = (exported / "README.md").read_text(encoding="utf-8")
    weights = load_file(exported / "heads.safetensors")
    assert "ner.output.weight" in weights
    for name, value in weights.items():
        assert f"| {name} | {' × '.join(map(str, value.shape))} |" in card


def test_scores_stay_calibrated(exported: Path, tmp_path: Path) -> None:
    facts = json.loads((exported / "calibration.json").read_text(encoding="utf-8"))
    assert facts["weights"] is None
    before = task_scores("ner", exported)
    facts["tasks"]["ner"] = {"slope": 1.0, "shift": 3.0}
    (exported / "calibration.json").write_text(json.dumps(facts), encoding="utf-8")
    after = task_scores("ner", exported)
    assert len(before) > 0
    assert all(one < other for one, other in zip(before, after, strict=True))


def task_scores(task: str, folder: Path) -> list[float]:
    spans = [span for found in arabic_mtl.load(folder)(TEXTS) for span in found.spans]
    return [span.labels[task].score for span in spans if task in span.labels]


@pytest.mark.parametrize("name", ["heads.safetensors", "encoder/model.safetensors"])
def test_damaged_weights_raise(exported: Path, name: str) -> None:
    path = exported / name
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError) as caught:
        arabic_mtl.load(exported)
    assert caught.value.file == path
    assert "`arabic-mtl export`" in str(caught.value.expected)
    path.unlink()
    with pytest.raises(InputError):
        arabic_mtl.load(exported)


@pytest.mark.parametrize("name", ["heads.safetensors", "encoder/model.safetensors"])
def test_missing_weight_raises(exported: Path, name: str) -> None:
    weights = load_file(exported / name)
    removed = min(weights)
    save_file({k: v for k, v in weights.items() if k != removed}, exported / name)
    with pytest.raises(InputError) as caught:
        arabic_mtl.load(exported)
    assert removed in str(caught.value.found)


def test_pickle_instead_of_weights_raises(exported: Path, tmp_path: Path) -> None:
    shutil.copy(exported / "heads.safetensors", tmp_path / "kept")
    torch.save({"ner.output.bias": torch.zeros(1)}, exported / "heads.safetensors")
    with pytest.raises(InputError) as caught:
        arabic_mtl.load(exported)
    assert caught.value.file == exported / "heads.safetensors"
    assert "`arabic-mtl export`" in str(caught.value.expected)
