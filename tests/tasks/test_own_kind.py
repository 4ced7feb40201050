"""A tutorial: a custom kind of task, from its definition to the exported graph.

A task defines how labels become tensors, a loss and metrics; its decoder turns logits into
predictions. The head is a built-in one. Nothing else in the package refers to the new kind.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Literal

import numpy as np
import pytest
import torch
from datasets import Value
from scipy.stats import spearmanr
from torch import Tensor
from torchmetrics.functional import spearman_corrcoef
from torchmetrics.utilities.data import dim_zero_cat

import arabic_mtl
from arabic_mtl.decoders import Arrays, Decoder, Queries
from arabic_mtl.documents import Example, Prediction, ValuePrediction
from arabic_mtl.errors import InputError
from arabic_mtl.evaluation import read_predictions
from arabic_mtl.formats import Format, Layers, Notices, Record
from arabic_mtl.formats.lines import Line, lines
from arabic_mtl.model.heads import Head, Logits, SequenceHead
from arabic_mtl.model.tokens import Targets, Tokens
from arabic_mtl.tasks import Task
from arabic_mtl.tasks.metrics import AdditiveMetric, Floats, TaskMetric, ratio
from arabic_mtl.text import Encoding
from support.configurations import settings
from support.runs import run, write_yaml

pytestmark = pytest.mark.runs


@dataclass(frozen=True, kw_only=True)
class ValueDecoder(Decoder):
    """A decoder of one number per text. Reads ``logits`` (rows, 1)."""

    predicts: ClassVar[type[Prediction]] = ValuePrediction

    @property
    def outputs(self) -> tuple[str, ...]:
        return ("value",)

    def decode(
        self, logits: Arrays, rows: Sequence[Encoding], queries: Queries | None = None
    ) -> list[ValuePrediction]:
        return [ValuePrediction(value) for value in logits["logits"][:, 0].tolist()]


class SquaredError(AdditiveMetric):
    """The mean squared error, as a quotient of sums over texts."""

    dtype_of_sums = torch.float  # the default is for counts
    higher_is_better = False
    is_share = False

    def __init__(self, corpora: int = 1) -> None:
        super().__init__((2,), corpora)

    def observe(self, gold: Prediction, predicted: Prediction) -> Floats:
        assert isinstance(gold, ValuePrediction)
        assert isinstance(predicted, ValuePrediction)
        return np.array([(gold.value - predicted.value) ** 2, 1.0])

    def value(self, sums: Floats) -> Floats:
        return ratio(sums[..., 0], sums[..., 1])


class Spearman(TaskMetric):
    """Spearman's rank correlation; it is no function of sums, so that all values are stored."""

    corpus: list[Tensor] | Tensor
    gold: list[Tensor] | Tensor
    predicted: list[Tensor] | Tensor

    def __init__(self, corpora: int = 1) -> None:
        super().__init__(corpora)
        for name in ("corpus", "gold", "predicted"):
            self.add_state(name, default=[], dist_reduce_fx="cat")

    def update(
        self, corpora: Sequence[int], gold: Sequence[Prediction], predicted: Sequence[Prediction]
    ) -> None:
        sides = [predicted_values(side) for side in (gold, predicted)]
        states = (self.corpus, self.gold, self.predicted)
        for state, values in zip(states, (corpora, *sides), strict=True):
            assert isinstance(state, list)
            state.append(torch.tensor(values, dtype=torch.float, device=self.device))

    def compute(self) -> Tensor:
        corpus, gold, predicted = map(dim_zero_cat, (self.corpus, self.gold, self.predicted))
        corpus_masks = [corpus == number for number in range(self.corpora)]
        all_rows = torch.ones_like(corpus, dtype=torch.bool)
        return torch.stack(
            [self._of(gold[rows], predicted[rows]) for rows in (all_rows, *corpus_masks)]
        )

    def _of(self, gold: Tensor, predicted: Tensor) -> Tensor:
        return spearman_corrcoef(predicted, gold) if len(gold) > 1 else gold.new_tensor(0.0)


def predicted_values(predictions: Sequence[Prediction]) -> list[float]:
    return [item.value for item in predictions if isinstance(item, ValuePrediction)]


@dataclass(frozen=True, kw_only=True)
class Regression(Task):
    """Regression of one number per text, such as a rating."""

    reads: ClassVar[Literal["labels", "spans"]] = "labels"
    column: ClassVar[Any] = Value("float64")
    main_metric: ClassVar[str] = "spearman"

    @property
    def decoder(self) -> ValueDecoder:
        return ValueDecoder()

    def targets(self, example: Example, encoding: Encoding) -> float | None:
        labels = self.labels_of(example)
        if labels is None:
            return None
        try:
            (label,) = labels
            return float(label)
        except ValueError:
            raise InputError(
                f"layer {self.layer!r} must hold a number", found=list(labels), expected="3.5"
            ) from None

    def gold(self, target: float, encoding: Encoding) -> ValuePrediction:
        return ValuePrediction(target)

    def items(self, target: float, encoding: Encoding) -> int:
        return 1

    def collate(self, values: Sequence[float | None], tokens: Tokens) -> Targets:
        return {"values": torch.tensor([math.nan if v is None else v for v in values])}

    def build_head(self, hidden_size: int, dropout: float) -> Head:
        return SequenceHead(hidden_size, 1, dropout)

    def loss(self, logits: Logits, targets: Targets) -> tuple[Tensor, Tensor]:
        labelled = ~targets["values"].isnan()
        errors = logits["logits"][:, 0].float()[labelled] - targets["values"][labelled].float()
        return errors.square().sum(), labelled.sum()

    def tally(self, targets: Targets) -> Tensor:
        labelled = targets["values"][~targets["values"].isnan()]
        return torch.stack([labelled.sum(), labelled.new_tensor(len(labelled))])

    def constant(self, tally: Tensor, targets: Targets) -> Logits:
        total, number = tally
        return {"logits": (total / number).expand(len(targets["values"]), 1)}

    def metrics(self) -> dict[str, TaskMetric]:
        corpora = len(self.corpora)
        return {"spearman": Spearman(corpora), "mse": SquaredError(corpora)}


@dataclass(frozen=True, kw_only=True)
class Ratings(Format[Line]):
    """Lines of a rating, a tab and a text."""

    @property
    def layers(self) -> Layers:
        return Layers(labels=frozenset({"rating"}))

    def parts(self, file: BinaryIO, notices: Notices) -> Iterator[Line]:
        return lines(file)

    def records(self, part: Line, notices: Notices, *, gold: bool) -> list[Record]:
        rating, _, text = part.text().rpartition("\t")
        labels: Mapping[str, tuple[str, ...]] = {"rating": (rating,)} if gold and rating else {}
        example = Example(id=f"line:{part.line}", text=text, labels=labels, line=part.line)
        return [Record(example=example, line=part.line)]


WORDS = ("سيئة", "مقبولة", "جيدة", "ممتازة")
TEXTS = {
    split: [(n % 4 + 0.5, f"كانت الغرفة {WORDS[n % 4]} في {season} {n}") for n in range(24)]
    for split, season in (("train", "الشتاء"), ("validation", "الصيف"), ("test", "الربيع"))
}
"""Split to ratings and texts; a word of the text determines the rating."""


def configuration() -> dict[str, Any]:
    """Returns the tiny configuration with one task, of the new kind."""
    value = settings()
    module_name = __name__
    files = {split: f"{split}.txt" for split in TEXTS}
    value["data"]["corpora"] = {
        "ratings": {"class_path": f"{module_name}.Ratings", "init_args": files}
    }
    rating = {"corpus": "ratings", "layer": "rating"}
    value["data"]["tasks"] = {
        "rating": {"class_path": f"{module_name}.Regression", "init_args": rating},
    }
    value["dashboard"]["pictures"] = True  # of a kind for which it has none
    return value


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns the folder of a run that has learned ratings."""
    project_folder = tmp_path_factory.mktemp("ratings")
    for split, rated in TEXTS.items():
        content = "".join(f"{rating}\t{text}\n" for rating, text in rated)
        (project_folder / f"{split}.txt").write_text(content, encoding="utf-8")
    config = write_yaml(project_folder / "own.yaml", configuration())
    options = [
        f"--data.root={project_folder}",
        f"--data.cache={project_folder / 'cache'}",
        "--model.lr=0.01",
    ]
    options += [f"--trainer.default_root_dir={project_folder / 'runs'}", "--trainer.max_epochs=8"]
    outcome = run("fit", "--config", config, *options, "--trainer.enable_progress_bar=false")
    assert outcome.code == 0, outcome.err
    return project_folder / "runs" / "own" / "version_0"


def test_custom_task_is_trained_validated_and_reported(folder: Path) -> None:
    facts = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    scores, majority = facts["scores"]["validation"], facts["majority"]["validation"]
    assert scores["mean"] == scores["rating/spearman"] > 0.7  # the mean ignores the error
    assert majority["rating/mse"] == pytest.approx(1.25)  # predicts the mean, 2
    assert scores["rating/mse"] < 1.0
    examples = list(read_predictions(folder / "answers-validation.jsonl"))
    gold = [example.gold["rating"].value for example in examples]  # type: ignore[union-attr]
    predicted = predicted_values([example.predicted["rating"] for example in examples])
    assert gold == [rating for rating, _ in TEXTS["validation"]]
    assert scores["rating/spearman"] == pytest.approx(
        spearmanr(gold, predicted).statistic, abs=1e-5
    )
    errors = np.square(np.subtract(gold, predicted))
    assert scores["rating/mse"] == pytest.approx(errors.mean(), rel=1e-5)
    report = (folder / "report.md").read_text(encoding="utf-8")
    assert f"| rating/mse | 1.25 | {scores['rating/mse']:.4g} |" in report  # no percentage


def test_custom_task_is_loaded_and_predicts_the_same(folder: Path, tmp_path: Path) -> None:
    annotator = arabic_mtl.load(folder)
    texts = [text for _, text in TEXTS["validation"]]
    values = [annotation.values["rating"] for annotation in annotator(texts)]
    examples = read_predictions(folder / "answers-validation.jsonl")
    expected = predicted_values([example.predicted["rating"] for example in examples])
    assert values == pytest.approx(expected, abs=1e-5)
    (tmp_path / "texts.txt").write_text("\n".join(texts) + "\n", encoding="utf-8")
    file_options = ["--input", tmp_path / "texts.txt", "--output", tmp_path / "output.jsonl"]
    outcome = run("predict", "--ckpt_path", folder, *file_options)
    assert outcome.code == 0, outcome.err
    rows = (tmp_path / "output.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(row)["values"]["rating"] for row in rows] == pytest.approx(values, abs=1e-4)


def test_custom_task_is_exported_to_a_graph(folder: Path, tmp_path: Path) -> None:
    outcome = run("export", "--ckpt_path", folder, "--to", "onnx", tmp_path / "exported")
    assert outcome.code == 0, outcome.err
    texts = [text for _, text in TEXTS["test"]]
    torch_annotations, graph_annotations = (
        arabic_mtl.load(model, backend=backend)(texts)
        for model, backend in ((folder, "torch"), (tmp_path / "exported", "onnx"))
    )
    graph_values = [annotation.values["rating"] for annotation in graph_annotations]
    assert graph_values == pytest.approx(
        [item.values["rating"] for item in torch_annotations], abs=1e-4
    )


def test_custom_task_is_described_and_scored_again(folder: Path) -> None:
    outcome = run("validate", "--ckpt_path", folder / "checkpoints" / "best.ckpt")
    assert outcome.code == 0, outcome.err
    assert "spearman" in outcome.out
    project_folder = folder.parent.parent.parent
    options = [f"--data.root={project_folder}", f"--data.cache={project_folder / 'cache'}"]
    outcome = run("describe", "--config", project_folder / "own.yaml", *options)
    assert outcome.code == 0, outcome.err


def test_label_that_is_no_number_is_rejected_with_its_line(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("3.5\tجيدة\nكثير\tجيدة\n", encoding="utf-8")
    config = write_yaml(tmp_path / "own.yaml", configuration())
    files = ["--data.corpora.ratings.validation=null", "--data.corpora.ratings.test=null"]
    options = [f"--data.root={tmp_path}", f"--data.cache={tmp_path / 'cache'}", *files]
    outcome = run("fit", "--config", config, *options)
    assert outcome.code == 2
    assert "line 2" in outcome.err
    assert "كثير" in outcome.err
