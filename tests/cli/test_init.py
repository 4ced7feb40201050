"""``init``: a configuration from files that `describe` and `fit` take as it is."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from jsonargparse import ActionConfigFile

from arabic_mtl import tasks
from arabic_mtl.cli.draft.tasks import METRICS, TAKEN
from arabic_mtl.cli.draft.yaml import Noted, write_yaml
from arabic_mtl.cli.files import create_format, read_options
from arabic_mtl.cli.parser import Parser
from arabic_mtl.formats import Conll, Format, Table
from support.messages import assert_names, error_fields
from support.paths import SAMPLE
from support.runs import run
from support.runs import write_yaml as write_yaml_file


def init(*files: Path, output: Path) -> dict[str, object]:
    """Returns the configuration that `init` writes, as YAML is read."""
    outcome = run("init", *files, "--output", output)
    assert (outcome.code, outcome.err) == (0, "")
    configuration: dict[str, object] = yaml.safe_load(output.read_text(encoding="utf-8"))
    return configuration


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    names = [tmp_path / f"reviews_{split}.xml" for split in ("train", "dev", "test")]
    for split, path in zip(("train", "validation", "test"), names, strict=True):
        shutil.copy(SAMPLE / f"{split}.xml", path)
    return names


def test_opinions_become_three_tasks_on_one_corpus(tmp_path: Path, files: list[Path]) -> None:
    configuration: dict[str, dict[str, dict[str, dict[str, object]]]]
    configuration = init(*files, output=tmp_path / "my.yaml")  # type: ignore[assignment]
    corpora, learned = configuration["data"]["corpora"], configuration["data"]["tasks"]
    assert corpora == {
        "reviews": {
            "class_path": "arabic_mtl.formats.SemEval2016",
            "init_args": dict(zip(("train", "validation", "test"), map(str, files), strict=True)),
        }
    }
    kinds = {name: str(task["class_path"]).rpartition(".")[2] for name, task in learned.items()}
    assert kinds == {
        "sentiment": "SpanClassification",
        "ner": "TokenClassification",
        "category": "MultiLabelClassification",
    }
    assert "validation_share" not in configuration["data"]


@pytest.mark.runs
def test_describe_and_fit_take_the_configuration(tmp_path: Path, files: list[Path]) -> None:
    init(*files, output=tmp_path / "my.yaml")
    options = ["--config", tmp_path / "my.yaml", f"--data.cache={tmp_path / 'cache'}"]
    described = run("describe", *options)
    assert (described.code, "1073" in described.out) == (0, True)
    trained = run("fit", *options, "--trainer.fast_dev_run=true", "--trainer.accelerator=cpu")
    assert trained.code == 0, trained.err


def test_an_existing_configuration_is_not_replaced(tmp_path: Path, files: list[Path]) -> None:
    (tmp_path / "my.yaml").write_text("mine", encoding="utf-8")
    outcome = run("init", *files, "--output", tmp_path / "my.yaml")
    assert outcome.code == 2
    assert_names(error_fields(outcome).found, "my.yaml")
    assert (tmp_path / "my.yaml").read_text(encoding="utf-8") == "mine"


def test_files_without_annotations_are_named(tmp_path: Path, files: list[Path]) -> None:
    bare = tmp_path / "bare.xml"
    bare.write_text(
        '<Reviews><Review rid="1"><sentences><sentence id="1"><text>نص</text></sentence>'
        "</sentences></Review></Reviews>",
        encoding="utf-8",
    )
    outcome = run("init", bare, "--output", tmp_path / "a.yaml")
    assert outcome.code == 2
    assert_names(error_fields(outcome).found, "bare.xml")
    outcome = run("init", files[0], bare, "--output", tmp_path / "b.yaml")
    assert outcome.code == 0
    assert_names(outcome.out, f"left out: {bare}")
    written = (tmp_path / "b.yaml").read_text(encoding="utf-8")
    assert_names(written, f"# Left out: {bare}: without annotations")
    assert "bare.xml" not in str(yaml.safe_load(written))


def table(
    path: Path, template: str = "{n},نص رقم {n} طويل,{label}", head: str = "id,text,mood"
) -> Path:
    """Returns a table of 30 texts with two labels."""
    rows = [template.format(n=n, user=n // 3, label=("good", "bad")[n % 2]) for n in range(30)]
    path.write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    return path


def tweets(train: Path, **more: object) -> dict[str, object]:
    """Returns the configuration of a table."""
    labels = {"mood": "mood"}
    options = {"train": str(train), "text": "text", "id": "id", "labels": labels, **more}
    return {"class_path": "arabic_mtl.formats.Table", "init_args": options}


def corpora(configuration: dict[str, object]) -> object:
    return configuration["data"]["corpora"]  # type: ignore[index]


@pytest.mark.parametrize("split", ["dev", "test"])
def test_a_test_file_that_its_training_file_does_not_fit_is_left_out(
    tmp_path: Path, split: str
) -> None:
    train = table(tmp_path / "tweets_train.csv")
    other = table(tmp_path / f"tweets_{split}.csv", head="id,tweet,mood")
    output = tmp_path / "my.yaml"
    outcome = run("init", train, other, "--output", output)
    assert outcome.code == 0, outcome.err
    left_out = " ".join(outcome.out.split()).partition("left out: ")[2]
    assert_names(left_out, other, "must")
    assert corpora(yaml.safe_load(output.read_text("utf-8"))) == {"tweets": tweets(train)}


def test_a_test_file_alone_is_trained_on_with_a_doubt(tmp_path: Path) -> None:
    path = table(tmp_path / "tweets_test.csv")
    configuration = init(path, output=tmp_path / "my.yaml")
    assert corpora(configuration) == {"tweets": tweets(path)}
    doubt = "# tweets_test.csv is named like a test file, but is trained on"
    assert_names((tmp_path / "my.yaml").read_text(encoding="utf-8"), doubt)


def test_a_folder_must_have_files(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "outer" / "inner").mkdir(parents=True)
    for name, found in {"empty": "no file", "outer": "only folders: inner"}.items():
        outcome = run("init", tmp_path / name, "--output", tmp_path / "my.yaml")
        fields = error_fields(outcome)
        assert fields.rule == "FILE must be a folder with files"
        assert fields.found == f"{tmp_path / name}: {found}"


@pytest.mark.parametrize("name", ["tweets_train.csv", "tweets.csv"])
def test_other_files_of_a_folder_are_left_out(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "tweets"
    folder.mkdir()
    table(folder / name)
    others = [folder / other for other in ("LICENSE.txt", "AUTHORS", "README.md")]
    for other in others:
        other.write_text("Free for research.\nNo warranty.\n", encoding="utf-8")
    output = tmp_path / "my.yaml"
    outcome = run("init", folder, "--output", output)
    assert outcome.code == 0, outcome.err
    assert_names(outcome.out, *(f"left out: {other}" for other in others))
    train = folder / name if "train" in name else folder
    assert corpora(yaml.safe_load(output.read_text("utf-8"))) == {"tweets": tweets(train)}


def test_a_folder_without_any_known_file_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "tweets"
    folder.mkdir()
    (folder / "README.md").write_text("Free for research.\n", encoding="utf-8")
    outcome = run("init", folder, "--output", tmp_path / "my.yaml")
    assert_names(error_fields(outcome).location, folder / "README.md")


def test_a_group_that_splits_share_is_left_out(tmp_path: Path) -> None:
    head = "id,user_id,text,mood"
    train = table(tmp_path / "train.csv", "{n},{user},نص رقم {n} طويل,{label}", head)
    test = table(tmp_path / "test.csv", "{n},{user},قول رقم {n} طويل,{label}", head)
    apart = table(tmp_path / "val.csv", "{n},x{user},جملة رقم {n} طويلة,{label}", head)
    shared = init(train, test, output=tmp_path / "shared.yaml")
    name = re.sub(r"\W+", "_", tmp_path.name)
    assert corpora(shared) == {name: tweets(train, test=str(test))}
    doubt = "# values of `user_id` are in train and test: `group` left out"
    assert_names((tmp_path / "shared.yaml").read_text(encoding="utf-8"), doubt)
    options = ["--config", tmp_path / "shared.yaml", f"--data.cache={tmp_path / 'cache'}"]
    described = run("describe", *options)
    assert described.code == 0, described.err
    disjoint = init(train, apart, output=tmp_path / "disjoint.yaml")
    assert corpora(disjoint) == {name: tweets(train, validation=str(apart), group=["user_id"])}


def test_groups_that_are_too_few_to_divide_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "tweets.csv"
    rows = [f"{n},u{n % 3},نص رقم {n} طويل,{('good', 'bad')[n % 2]}" for n in range(60)]
    path.write_text("\n".join(["id,user_id,text,mood", *rows, ""]), encoding="utf-8")
    assert corpora(init(path, output=tmp_path / "a.yaml")) == {"tweets": tweets(path)}
    doubt = (
        "# `user_id` divides the texts into 3 groups, too few to hold some out: `group` left out"
    )
    assert_names((tmp_path / "a.yaml").read_text(encoding="utf-8"), doubt)
    kept = tmp_path / "b.yaml"
    outcome = run("init", path, "--option", "group=user_id", "--output", kept)
    assert outcome.code == 0, outcome.err
    configuration = yaml.safe_load(kept.read_text("utf-8"))
    assert corpora(configuration) == {"tweets": tweets(path, group="user_id")}
    assert configuration["data"]["validation_share"] == 0


def test_documents_that_are_too_few_to_divide_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "news.conll"
    sentence = "زار O\nليث{n} B-PERS\nعدن B-LOC\n\n"
    document = "".join(sentence.replace("{n}", str(n)) for n in range(40))
    other = document.replace("ليث", "زيد")
    path.write_text(f"-DOCSTART- O\n\n{document}-DOCSTART- O\n\n{other}", encoding="utf-8")
    configuration: Any = init(path, output=tmp_path / "a.yaml")
    assert configuration["data"]["corpora"]["news"]["init_args"]["documents"] == "none"
    assert configuration["data"]["validation_share"] == 0.1


def test_a_test_file_is_not_trained_on_in_place_of_a_file_that_is_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "tweets"
    folder.mkdir()
    table(folder / "test.csv")
    (folder / "data.csv").write_bytes(b"\0\0\0")
    outcome = run("init", folder, "--output", tmp_path / "my.yaml")
    fields = error_fields(outcome)
    assert fields.rule == "one of several files must be a training file"
    assert_names(fields.found, folder / "data.csv")


def test_a_format_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "texts.dat"
    path.write_text("نص طويل\nقول آخر\n", encoding="utf-8")
    outcome = run("init", path, "--output", tmp_path / "a.yaml")
    assert_names(error_fields(outcome).expected, "--format: one of", "Table")
    table(path)
    named = run("init", path, "--format", "Table", "--output", tmp_path / "b.yaml")
    assert named.code == 0, named.err
    assert corpora(yaml.safe_load((tmp_path / "b.yaml").read_text("utf-8"))) == {
        "texts": tweets(path)
    }


def test_unknown_polarities_are_doubted(tmp_path: Path, files: list[Path]) -> None:
    content = files[0].read_text(encoding="utf-8")
    files[0].write_text(content.replace('"negative"', '"negativ"', 2), encoding="utf-8")
    init(*files, output=tmp_path / "my.yaml")
    doubt = "# negativ (2 ×) is no polarity of SemEval; `rename: {polarity: {negativ: …}}`"
    assert_names((tmp_path / "my.yaml").read_text(encoding="utf-8"), doubt)


def test_options_are_those_of_all_files(tmp_path: Path) -> None:
    train, test = table(tmp_path / "tweets_train.csv"), table(tmp_path / "tweets_test.csv")
    for path in (train, test):
        path.write_text(f"{path.read_text('utf-8')}99,,good\n", encoding="utf-8")
    outcome = run("init", train, test, "--output", tmp_path / "a.yaml")
    assert_names(error_fields(outcome).expected, "`empty: skip`")
    output = tmp_path / "b.yaml"
    outcome = run("init", train, test, "--option", "empty=skip", "--output", output)
    assert outcome.code == 0, outcome.err
    assert corpora(yaml.safe_load(output.read_text("utf-8"))) == {
        "tweets": tweets(train, test=str(test), empty="skip")
    }
    outcome = run("init", train, "--option", "emtpy=skip", "--output", tmp_path / "c.yaml")
    assert_names(error_fields(outcome).found, "emtpy")


def test_few_texts_are_all_trained_on(tmp_path: Path) -> None:
    path = tmp_path / "few.xml"
    path.write_text(
        '<Reviews><Review rid="1"><sentences><sentence id="1"><text>نص جيد</text><Opinions>'
        '<Opinion target="نص" category="A#B" polarity="positive" from="0" to="2"/>'
        "</Opinions></sentence></sentences></Review></Reviews>",
        encoding="utf-8",
    )
    configuration = init(path, output=tmp_path / "few.yaml")
    assert configuration["data"]["validation_share"] == 0  # type: ignore[index]


def test_labels_are_quoted_where_yaml_reads_something_else() -> None:
    values = [
        "NO",
        "0",
        "1.5",
        "TRUE",
        "null",
        "a: b",
        "# c",
        "- d",
        "~",
        "2021-01-01",
        "",
        "é",
        "'",
    ]
    text = write_yaml({"labels": [Noted(value, "3") for value in values], "n": values})
    assert yaml.safe_load(text) == {"labels": values, "n": values}


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\x85", "\u2028", "\u2029", "\x07", "\x00"])
def test_line_ends_stay_in_values_and_leave_comments(end: str) -> None:
    value = f"نص{end}: b 😀{end}"
    text = write_yaml({value: Noted(value, value, above=[value]), "labels": [Noted(value, value)]})
    assert yaml.safe_load(text) == {value: value, "labels": [value]}
    assert text.splitlines()[0] == "# نص : b 😀"
    assert len(text.splitlines()) == 4


def test_main_metrics_and_reserved_names_are_those_of_the_classes() -> None:
    assert {kind: getattr(tasks, kind).main_metric for kind in METRICS} == METRICS
    assert {name for name in TAKEN if hasattr(torch.nn.ModuleDict(), name)} == TAKEN - {
        *("encoder", "id", "spans", "text")
    }


@pytest.mark.parametrize("comments", ["# ", "#", "~", None])
def test_comments_of_a_configuration_are_not_read_as_yaml(
    tmp_path: Path, comments: str | None
) -> None:
    options: dict[str, object]
    options = {"columns": ["word", "#"], "comments": comments, "documents": {"column": "#"}}
    created = create_format(Conll, **options)
    assert isinstance(created, Conll)
    assert created.comments == comments
    assert create_format(Table, group="#", id="~", sheet=None) == Table(group="#", id="~")
    entry = {"class_path": "arabic_mtl.formats.Conll", "init_args": options}
    path = write_yaml_file(tmp_path / "a.yaml", {"format": entry})
    parser = Parser(exit_on_error=False)
    parser.add_argument("--config", action=ActionConfigFile)
    parser.add_subclass_arguments(Format, "format")
    parsed = parser.instantiate_classes(parser.parse_args(["--config", str(path)])).format
    assert (parsed.comments, parsed.documents) == (comments, {"column": "#"})


def test_a_file_with_comments_is_described_as_drafted(tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    sentences = [f"# sent_id = {n}\nعدن{n} B-LOC\nقال O\n" for n in range(40)]
    path.write_text("\n".join(sentences), encoding="utf-8")
    configuration: dict[str, Any] = init(path, output=tmp_path / "my.yaml")
    (corpus,) = configuration["data"]["corpora"].values()
    assert corpus["init_args"]["comments"] == "# "
    cache = f"--data.cache={tmp_path / 'cache'}"
    described = run("describe", "--config", tmp_path / "my.yaml", cache)
    assert (described.code, described.err) == (0, "")


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("comments=#", "#"),
        ("comments=# ", "# "),
        ("delimiter=|", "|"),
        ("delimiter=;", ";"),
        ("longest=9", 9),
        ("id=null", None),
        ("columns=[word, ner]", ["word", "ner"]),
    ],
)
def test_values_of_options(word: str, value: object) -> None:
    assert read_options([word]) == {word.partition("=")[0]: value}
