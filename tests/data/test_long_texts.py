"""Reviews longer than an encoder's window keep all their words, targets and labels."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from torch import Tensor
from torch.nn.functional import one_hot

from arabic_mtl.data import MultiTaskData
from arabic_mtl.decoders import SpanCondition, bio
from arabic_mtl.documents import Example
from arabic_mtl.formats import SemEval2016
from arabic_mtl.model.encoders.windows import Windows
from arabic_mtl.model.heads import split_outputs
from arabic_mtl.model.tokens import Tokens
from arabic_mtl.tasks import MultiLabelClassification, SpanClassification, Task, TokenClassification
from arabic_mtl.tasks.base import arrays
from arabic_mtl.tasks.batch import CorpusRows, collate
from arabic_mtl.text import TextSettings
from support.paths import ROOT, SAMPLE
from support.predictions import predicted_labels
from support.semeval import rename_reviews

KINDS: dict[str, type[Task]] = {
    "sentiment": SpanClassification,
    "ner": TokenClassification,
    "category": MultiLabelClassification,
}
LONGEST = 32
SPLITS = ("train", "validation", "test")


def tasks(config: str, **labels: list[str]) -> dict[str, Task]:
    """Returns the tasks of a shipped configuration, with other labels where given."""
    content = yaml.safe_load((ROOT / "configs" / config).read_text("utf-8"))
    data = content.get("data", content)
    selected: dict[str, Task] = {}
    for name, task in data["tasks"].items():
        options = task["init_args"]
        chosen_labels = tuple(labels.get(name, options["labels"]))
        if condition := options.get("condition"):
            options |= {
                "condition": SpanCondition(**{**condition, "labels": tuple(condition["labels"])})
            }
        selected[name] = KINDS[name](**{**options, "labels": chosen_labels})
    return selected


def prepare_data(
    root: Path, cache: Path, configured_tasks: dict[str, Task], **files: Any
) -> MultiTaskData:
    data = MultiTaskData(
        {"reviews": SemEval2016(unit="review", **files)},
        configured_tasks,
        TextSettings(vocab_size=600, max_length=LONGEST),
        root=root,
        cache=cache,
    )
    data.prepare_data()
    data.setup()
    return data


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> MultiTaskData:
    """Returns the sample corpus, one review per row."""
    root = tmp_path_factory.mktemp("sample")
    for split in SPLITS:
        shutil.copy(SAMPLE / f"{split}.xml", root)
    files = {split: Path(f"{split}.xml") for split in SPLITS}
    return prepare_data(root, root / "cache", tasks("quickstart.yaml"), **files)


def examples(data: MultiTaskData, split: Any) -> list[Example]:
    return list(data.store.examples("reviews", split))


@pytest.mark.parametrize("split", SPLITS)
def test_most_reviews_of_the_sample_are_long(sample: MultiTaskData, split: Any) -> None:
    lengths = sample.lengths(split)["reviews"]
    assert len(lengths) == len(examples(sample, split)) == (300 if split == "train" else 60)
    assert (lengths > LONGEST).mean() > 0.7


@pytest.mark.parametrize("split", SPLITS)
def test_rows_hold_every_gold_label_once(sample: MultiTaskData, split: Any) -> None:
    table, parsed = sample.tables[split]["reviews"], examples(sample, split)
    assert_rows_hold_everything(sample, table.to_list(), parsed)
    counts = Counter(len(row["task_ner"]["gold"]) for row in table)
    assert sum(size * times for size, times in counts.items()) > 200


def assert_rows_hold_everything(
    data: MultiTaskData, rows: list[dict[str, Any]], parsed: list[Example]
) -> None:
    """Asserts one row per review, with each of its words, targets and labels once."""
    assert [row["id"] for row in rows] == [example.id for example in parsed]
    for row, example in zip(rows, parsed, strict=True):
        assert row["text"] == example.text
        words = [number for number in row["word_ids"] if number >= 0]
        assert sorted(set(words)) == list(range(max(words, default=-1) + 1))
        assert words == sorted(words)
        assert {*covered_characters(row)} >= letters(example.text)
        for name, task in data.tasks.items():
            value = row[f"task_{name}"]
            if name == "category":
                numbers = value["labels"]
                assert [task.labels[n] for n in numbers] == list(example.labels["category"])
                assert len(set(numbers)) == len(numbers)
                continue
            gold = [(s.start, s.end, task.index(s.label)) for s in example.spans[task.layer]]
            if name == "ner":
                assert [tuple(span) for span in value["gold"]] == gold
                continue
            assert [(start, end, label) for start, end, _, _, label, _ in value] == gold
            assert [condition for *_, condition in value] == span_conditions(task, example)
            for start, end, first, last, *_ in value:
                row_range = [0, len(row["input_ids"])]
                assert (
                    [first, last] == row_range
                    if start == end
                    else encloses(row, start, end, first, last)
                )


def span_conditions(task: Task, example: Example) -> list[int]:
    """Returns the index of each span's condition, -1 if unknown."""
    assert isinstance(task, SpanClassification)
    if task.condition is None:
        return [-1] * len(example.spans[task.layer])
    labels = task.condition.labels
    values = [span.label for span in example.spans[task.condition.layer]]
    return [labels.index(label) if label in labels else -1 for label in values]


def covered_characters(row: dict[str, Any]) -> set[int]:
    """Returns the raw characters covered by tokens."""
    offsets = zip(row["starts"], row["ends"], strict=True)
    return {position for start, end in offsets for position in range(start, end)}


def letters(text: str) -> set[int]:
    characters = enumerate(text)
    return {
        position for position, character in characters if character.isalnum() and character != "ـ"
    }


def encloses(row: dict[str, Any], start: int, end: int, first: int, last: int) -> bool:
    """Returns whether a range of tokens is exactly the tokens of a span."""
    return (
        row["word_ids"][first] >= 0
        and row["starts"][first] <= start < row["ends"][first]
        and row["starts"][last - 1] < end <= row["ends"][last - 1]
    )


@pytest.mark.parametrize("split", SPLITS)
def test_perfect_predictions_through_windows_equal_the_gold(
    sample: MultiTaskData, split: Any
) -> None:
    """With perfect logits, read in windows, predictions equal the gold and the loss is 0."""
    task = sample.tasks["ner"]
    assert isinstance(task, TokenClassification)
    table = sample.tables[split]["reviews"]
    predicted: list[list[tuple[int, int, str]]] = []
    for first in range(0, len(table), 50):
        part = CorpusRows(table[first : first + 50])
        batch = collate({"reviews": part}, sample.tasks, sample.text.pad_id)
        targets = batch.targets["ner"]
        perfect = perfect_logits(task, targets["labels"])
        states = torch.cat(list(perfect.values()), dim=-1)
        logits = split_outputs(encode_in_windows(batch.tokens, states), task.trim)
        predicted += [
            [(span.start, span.end, span.label) for span in row.spans]
            for row in task.decoder.decode(arrays(logits), batch.tokens.encodings())
        ]
        total, words = task.loss(logits, targets)
        assert total.item() == task.loss(perfect, targets)[0].item() < 1e-3
        assert words.item() == sum(
            len(bio.first_tokens(row)) for row in batch.tokens.word_ids.tolist()
        )
        assert words.item() == sum(table["items_ner"][first : first + 50])
    gold = [
        [(span.start, span.end, span.label) for span in example.spans["entity"]]
        for example in examples(sample, split)
    ]
    assert predicted == gold
    assert all(len(set(row)) == len(row) for row in predicted)


def perfect_logits(task: TokenClassification, labels: Tensor) -> dict[str, Tensor]:
    sizes = {"tags": task.tags, "trim_start": task.trim + 1, "trim_end": task.trim + 1}
    targets = labels.clamp(min=0).unbind(dim=-1)
    parts = zip(targets, sizes.items(), strict=True)
    return {name: 50 * one_hot(part, size).float() for part, (name, size) in parts}


def encode_in_windows(tokens: Tokens, states: Tensor) -> Tensor:
    """Returns the states of each token, passed through the windows of an encoder."""
    numbers = torch.arange(tokens.input_ids.numel()).view_as(tokens.input_ids)
    numbered = Tokens(**{**vars(tokens), "input_ids": numbers})
    windows = Windows.cut(numbered, LONGEST)
    assert windows.index.shape[1] == LONGEST
    assert len(windows.row) > len(tokens)
    flat = states.flatten(0, 1)

    def network(ids: Tensor, mask: Tensor, types: Tensor) -> Tensor:
        assert ids.shape[1] == LONGEST
        return flat[ids] * mask[..., None]

    return windows.encode(numbered, network)


def test_reviews_with_opinions_of_their_own(hotels: Path, tmp_path: Path) -> None:
    """SB2 has categories and polarities of whole reviews of about 140 tokens."""
    categories = tasks("data/hotels.yaml")["category"].labels
    polarities = ["positive", "negative", "neutral", "conflict"]
    name = "AR_Hotels_Train_SB2.xml"
    parsed = list(SemEval2016(unit="review").read(hotels / name))
    labels_in_corpus = sorted({label for example in parsed for label in example.labels["category"]})
    configured = tasks(
        "data/hotels.yaml",
        sentiment=polarities,
        category=[*categories, *(label for label in labels_in_corpus if label not in categories)],
    )
    validation = tmp_path / "others.xml"
    validation.write_text(rename_reviews((hotels / name).read_text("utf-8"), "v"), encoding="utf-8")
    data = prepare_data(
        hotels, tmp_path / "cache", configured, train=Path(name), validation=validation
    )
    rows = data.tables["train"]["reviews"].to_list()
    assert len(rows) == len(parsed) == 1839
    assert_rows_hold_everything(data, rows, parsed)
    assert sum(len(row["task_category"]["labels"]) for row in rows) == 8756
    assert sum(len(row["task_sentiment"]) for row in rows) == 8757
    assert (data.lengths("train")["reviews"] > LONGEST).mean() > 0.9
    batch = collate({"reviews": CorpusRows(data.tables["train"]["reviews"][:30])}, data.tasks, 0)
    targets, category = batch.targets["category"], data.tasks["category"]
    logits = {"logits": 20.0 * (2 * targets["labels"] - 1)}
    predictions = category.decode(logits, batch.tokens.encodings(), batch.values["category"])
    assert [set(labels) for labels in predicted_labels(predictions)] == [
        set(example.labels["category"]) for example in parsed[:30]
    ]
