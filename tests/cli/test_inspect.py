"""``inspect``: one sentence with its gold labels, or with the predictions of a model."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from arabic_mtl import load
from arabic_mtl.cli import main
from support.cases import slow
from support.configurations import settings, word_settings
from support.messages import assert_names, error_fields
from support.models import save_model
from support.runs import SHRUNK, folder_options, run
from support.semeval import hotel_xml, rename_reviews, reviews, sentence

pytestmark = pytest.mark.runs

RAW = "كانت الغُرْفَة نظيـفة، والموقع سيئة."
TEXT = "كانت الغرفة ممتازة والموقع عادية"
TASKS = ("category", "ner", "sentiment")


def opinions(name: str) -> str:
    """Returns sentences with two opinions, with a NULL opinion, and without opinions."""
    given = [("الغرفة", "ROOMS#GENERAL", "positive"), ("الموقع", "LOCATION#GENERAL", "negative")]
    whole = sentence(f"{name}:1", "ممتازة", (None, "HOTEL#GENERAL", "positive"))
    xml = reviews([sentence(f"{name}:0", TEXT, *given), whole, sentence(f"{name}:2", "جدا")])
    return rename_reviews(xml, name)


def one_corpus(folder: Path) -> Path:
    value = settings()
    for split in ("train", "validation", "test"):
        xml = hotel_xml(2) if split == "train" else opinions(split)
        (folder / f"{split}.xml").write_text(xml, encoding="utf-8")
        value["data"]["corpora"]["reviews"]["init_args"][split] = str(folder / f"{split}.xml")
    (folder / "config.yaml").write_text(json.dumps(value, sort_keys=True))
    return folder / "config.yaml"


def two_corpora(folder: Path) -> Path:  # in the recipe's form
    value = json.loads((config := one_corpus(folder)).read_text())
    corpora, tasks = value["data"]["corpora"], value["data"]["tasks"]
    pairs = corpora["reviews"]["init_args"] | {"unit": "opinion"}
    corpora["opinions"] = corpora["reviews"] | {"init_args": pairs}
    tasks["sentiment"]["class_path"] = "arabic_mtl.tasks.SequenceClassification"
    tasks["sentiment"]["init_args"]["corpus"] = "opinions"
    del tasks["sentiment"]["init_args"]["spans_from"], tasks["category"]
    config.write_text(json.dumps(value, sort_keys=True))
    return config


def fitted(config: Path, *options: str) -> Path:
    place = [
        *folder_options(config.parent),
        "--model.lr=0",
    ]  # random weights find targets everywhere
    assert run("fit", "--config", config, *SHRUNK, *place, *options).code == 0
    return config.parent / "runs" / "config" / "version_0" / "checkpoints" / "best.ckpt"


@pytest.fixture(scope="module", params=[one_corpus, *slow(two_corpora)])
def best(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fitted(request.param(tmp_path_factory.mktemp("run")))


def inspected(*options: object) -> tuple[dict[str, str], list[list[str]], list[str]]:
    """Returns the facts above the table, its rows, and the lines below it."""
    outcome = run("inspect", *options)
    assert outcome.code == 0, outcome.err
    lines = [re.sub("[\u2068\u2069]", "", line).rstrip() for line in outcome.out.splitlines()]
    top, end = (next(n for n, line in enumerate(lines) if line[:1] == edge) for edge in "┏└")
    rows = [re.split(" *[┃│] *", line)[1:-1] for line in lines[top:end] if line[0] in "┃│"]
    facts = {line[:12].rstrip(): line[13:] for line in lines[:top]}
    return facts, rows, [line for line in lines[end + 1 :] if line]


def annotated(checkpoint: Path, text: str) -> list[str]:
    """Returns an annotator's predictions for a text, as the lines of `inspect`."""
    found = load(checkpoint)(text)
    lines = [
        f"{task:<12} {label.label}  {label.score:.2f}"
        for task, labels in found.labels.items()
        for label in labels
    ]
    for span in found.spans:
        place = f"{span.start}–{span.end}  {span.text or 'the whole text'}"
        for task, label in span.labels.items():
            lines.append(f"{task:<12} {label.label}  {label.score:.2f}  {place}")
    return lines


def test_text_without_model(project: Path) -> None:
    given = ["--config", one_corpus(project), folder_options(project)[0], "--text", RAW]
    facts, (header, *rows), answers = inspected(*given)
    steps = "controls, tashkeel, tatweel, elongation, alef, alef_maksura, teh_marbuta, digits"
    names = ["raw", "cleaned", "cleaning", "stemming", "proclitics", "vocabulary", "tokens"]
    assert list(facts) == names
    assert re.fullmatch(r"\d\d tokens", facts.pop("vocabulary"))
    assert facts.pop("proclitics")  # its wording: test_describe.py
    settled = [f"recipe: {steps}", "none", "10"]
    assert list(facts.values()) == [RAW, "كانت الغرفه نظيفه، والموقع سيئه.", *settled]
    assert (header[0], header[-2:], answers) == ("word", ["start", "end"], [])
    assert [" ".join(row) for row in rows] == [
        *("كانت كانت كانت 0 4", "الغُرْفَة الغرفه الغرفه 5 14", "نظيـفة نظيفه [UNK] 15 21"),
        *("، ، [UNK] 21 22", "و و و 23 24", "الموقع الموقع الموقع 24 30"),
        *("سيئة سيئه سيئه 31 35", ". . [UNK] 35 36"),
    ]


def test_words_that_training_had_at_most_once_are_marked(project: Path) -> None:
    config = one_corpus(project)
    value = json.loads(config.read_text(encoding="utf-8"))
    config.write_text(json.dumps(value | {"model": word_settings()["model"]}, sort_keys=True))
    given = ["--config", config, folder_options(project)[0], "--text"]
    assert inspected(*given, RAW)[0]["unknown"] == "نظيـفة, و"
    assert "unknown" not in inspected(*given, "كانت الغرفة!")[0]


def test_labels_are_in_the_rows_of_their_words(project: Path) -> None:
    given = ["--config", one_corpus(project), folder_options(project)[0], "--sentence", "test:0"]
    none, room, place = ["O", "O"], ["B-ROOMS", "B-positive"], ["B-LOCATION", "B-negative"]
    labels = [row[5:] for row in inspected(*given)[1]]
    assert labels == [["ner", "sentiment"], none, room, none, none, place, none]
    lines = run("inspect", *given).out.splitlines()  # what isolates has no width
    assert "ner          ROOMS  5–11  \u2068الغرفة\u2069" in lines
    shown = [line for line in lines if line.startswith("│")]
    plain = [re.sub("[\u2068\u2069]", "", line) for line in shown]
    assert len({tuple(bar.start() for bar in re.finditer("│", line)) for line in plain}) == 1
    for cell in (cell for line in shown for cell in line.split("│")):
        assert cell.isascii() or re.fullmatch(" \u2068[^\u2068\u2069]+\u2069 *", cell)


ROOM = ["ner          ROOMS  5–11  الغرفة", "sentiment    positive  5–11  الغرفة"]
PLACE = ["ner          LOCATION  20–26  الموقع", "sentiment    negative  20–26  الموقع"]
KINDS = ["category     ROOMS#GENERAL", "category     LOCATION#GENERAL"]
BOTH = [*KINDS, ROOM[0], PLACE[0], ROOM[1], PLACE[1]]
NULL = ["category     HOTEL#GENERAL", "sentiment    positive  0–0  the whole text"]
GOLD = [
    (one_corpus, "h0-0:0", [KINDS[0], *ROOM]),
    *((one_corpus, "validation:1", NULL), (one_corpus, "test:0", BOTH)),
    *((one_corpus, "test:2", []), (two_corpora, "test:2", [])),
    *((two_corpora, "test:0", BOTH[2:4]), (two_corpora, "test:0/1", [PLACE[1][:21]])),
]


@pytest.mark.parametrize(("made", "name", "gold"), GOLD)
def test_gold_labels(project: Path, made: Any, name: str, gold: list[str]) -> None:
    given = ["--config", made(project), folder_options(project)[0], "--sentence", name]
    assert inspected(*given)[2] == gold


@pytest.mark.slow
@pytest.mark.parametrize(("longest", "numbers"), [(8, ["10", "8"]), (10, ["10"])])
def test_text_has_the_annotators_predictions(
    project: Path, best: Path, longest: int, numbers: list[str]
) -> None:
    folder = shutil.copytree(best.parents[1], project / "run")
    model = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    (folder / "model.json").write_text(json.dumps(model | {"max_length": longest}))
    option = f"--data.text.max_length={longest}"
    checkpoint = folder / "checkpoints" / "best.ckpt"
    facts, _, answers = inspected("--ckpt_path", checkpoint, "--text", RAW, option)
    assert re.findall(r"\d+", facts["tokens"]) == numbers
    assert sorted(answers) == sorted(annotated(checkpoint, RAW))
    assert {line.split()[0] for line in answers} >= {"ner", "sentiment"}


def test_sentence_has_the_annotators_predictions(best: Path) -> None:
    pairs = "unit: opinion" in (best.parents[1] / "config.yaml").read_text(encoding="utf-8")
    expected = sorted(annotated(best, TEXT))
    for name in ["test:0", *["test:0/0", "test:0/1"] * pairs]:
        assert sorted(inspected("--ckpt_path", best, "--sentence", name)[2]) == expected != []


def test_pair_is_encoded_with_its_text(project: Path) -> None:
    given = [
        "--config",
        two_corpora(project),
        folder_options(project)[0],
        "--data.text.max_length=8",
    ]
    assert inspected(*given, "--sentence=test:0")[0]["tokens"] == "8"
    pair = inspected(*given, "--sentence=test:0/1")[0]["tokens"]
    assert re.findall(r"\d+", pair) == ["10", "8"]


@pytest.mark.slow
def test_run_folder_is_sufficient(project: Path) -> None:
    model = save_model(project / "made" / "model")
    options = [f"--model.encoder.init_args.name={model}", "--model.encoder.init_args.config={}"]
    best = fitted(one_corpus(project / "made"), *options)
    before = sorted(annotated(best, TEXT))
    moved = shutil.move(best.parents[1], project / "moved") / "checkpoints" / "best.ckpt"
    shutil.rmtree(project / "made")
    assert sorted(inspected("--ckpt_path", moved, "--text", TEXT)[2]) == before != []
    assert [path.name for path in project.iterdir()] == ["moved"]


@pytest.mark.parametrize("raw", ["a :heart: b", "[b]a[/b] [/u]", "http://a.bc/[/x]", "a \ud800"])
def test_text_is_shown_verbatim(project: Path, raw: str) -> None:
    given = [
        "--config",
        one_corpus(project),
        folder_options(project)[0],
        "--data.text.cleaning=[links]",
    ]
    assert inspected(*given, "--text", raw)[0]["raw"] == raw.replace("\ud800", "\ufffd")


MISTAKES = [
    ([], ["--text", "--sentence"]),
    (["--text=a", "--sentence=test:0"], ["--text", "--sentence"]),
    (["--text=", "--sentence=test:0"], ["--text", "--sentence"]),
    (["--sentence=x:9"], ["x:9", "reviews"]),
    (["--text=a", "--ckpt_path=absent.ckpt"], ["absent.ckpt"]),
    (["--text=a", "--ckpt_path=damaged.ckpt"], ["damaged.ckpt"]),
    (["--text=a", "--ckpt_path=BEST"], ["data.tasks.ner", "SERVICE", "['A']"]),
    (
        [
            *("--text=a", "--ckpt_path=BEST", "--data.text.max_length=9"),
            "--data.tasks.ner.labels=[ROOMS, SERVICE, LOCATION]",
        ],
        ["data.text.max_length: 9", "--ckpt_path"],
    ),
]


@pytest.mark.parametrize(("options", "fragments"), MISTAKES)
def test_mistakes(project: Path, best: Path, options: list[str], fragments: list[str]) -> None:
    (project / "damaged.ckpt").write_bytes(b"PK\x03\x04 not a checkpoint")
    given = ["--config", best.parents[1] / "config.yaml", "--data.tasks.ner.labels=[A]"]
    given += [option.replace("BEST", str(best)) for option in options]
    outcome = run("inspect", *given)
    error_fields(outcome)
    assert outcome.out == ""
    assert_names(outcome.err, *fragments)


def test_help_names_the_options(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["inspect", "--help"])
    named = re.findall(r"\n  (--(?:text|sentence|ckpt_path)) ", capsys.readouterr().out)
    assert (stop.value.code, named) == (0, ["--text", "--sentence", "--ckpt_path"])
