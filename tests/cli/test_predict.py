"""``predict``: annotation of files and pipes, with output files that are complete or absent."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest

import arabic_mtl
from arabic_mtl.cli import main
from arabic_mtl.cli.commands import Commands
from arabic_mtl.formats import READERS, WRITERS
from arabic_mtl.inference import Annotator
from arabic_mtl.inference.inputs import MAX_CHARACTERS
from support.configurations import CATEGORIES, settings
from support.messages import assert_names, error_fields
from support.paths import ROOT, SAMPLE, files_under
from support.runs import (
    NO_PICTURES,
    SHRUNK,
    TINY_ENCODER,
    Outcome,
    Run,
    folder_options,
    run,
    write_yaml,
)
from support.semeval import hotel_xml, opinion_texts, plain_xml, write_hotels

pytestmark = pytest.mark.runs

TEXTS = ["كانت الغرفة نظيفة والموظفون متعاونون", "", "العشاء بارد", " ", "شكرا"]


@pytest.fixture(scope="module")
def annotator(trained: Run) -> Annotator:
    return arabic_mtl.load(trained.folder)


@pytest.fixture
def without_sources(trained: Run) -> Iterator[Run]:
    """Yields the run while its training files and its cache are moved away."""
    place = trained.folder.parents[2]
    moved = [place / "xml", place / "cache"]
    for folder in moved:
        folder.rename(folder.with_suffix(".away"))
    yield trained
    for folder in moved:
        shutil.rmtree(folder, ignore_errors=True)
        folder.with_suffix(".away").rename(folder)


def predict(model: Path, source: str | Path, output: str, *options: str) -> Outcome:
    given = ["--ckpt_path", model, f"--input={source}", f"--output={output}"]
    return run("predict", *given, *options)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def write(folder: Path, name: str = "new.txt", texts: list[str] = TEXTS) -> Path:
    path = folder / name
    path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    return path


def assert_counted(line: str, annotated: int, skipped: int = 0) -> None:
    """Checks the numbers of annotated and of skipped texts in the last line."""
    assert " out.jsonl" in line
    numbers = [int(number) for number in re.findall(r"\d+", line)]
    assert numbers == [annotated, *[skipped] * bool(skipped)]


def expected_lines(annotator: Annotator, texts: list[str]) -> list[dict[str, Any]]:
    return [annotation.as_dict() for annotation in annotator(texts)]


def test_lines_equal_the_annotators(project: Path, trained: Run, annotator: Annotator) -> None:
    outcome = predict(trained.folder, write(project), "out.jsonl")
    assert (outcome.code, outcome.out) == (0, "")
    assert_counted(*outcome.err.splitlines(), annotated=5)
    assert lines(project / "out.jsonl") == expected_lines(annotator, TEXTS)
    assert files_under(project) == ["new.txt", "out.jsonl"]


def test_xml_as_json_lines_without_the_training_files(
    project: Path, without_sources: Run, annotator: Annotator
) -> None:
    texts = plain_xml(SAMPLE / "test.xml", project / "new.xml", 40)
    outcome = predict(without_sources.best, "new.xml", "out.jsonl")
    assert_counted(*outcome.err.splitlines(), annotated=40)
    expected = expected_lines(annotator, [text for _, text in texts])
    assert lines(project / "out.jsonl") == [
        {"id": name, **line} for (name, _), line in zip(texts, expected, strict=True)
    ]
    assert files_under(project) == ["new.xml", "out.jsonl"]


def test_opinions_equal_the_annotators(project: Path, trained: Run, annotator: Annotator) -> None:
    assert predict(trained.folder, SAMPLE / "test.xml", "out.xml").code == 0
    found = opinion_texts(project / "out.xml")
    gold = opinion_texts(SAMPLE / "test.xml")
    assert [(t.id, t.group, t.text) for t, _ in found] == [(t.id, t.group, t.text) for t, _ in gold]
    count = 0
    for text, opinions in found:
        spans = [span for span in annotator(text.text).spans if "category" in span.labels]
        assert [(o.start, o.end, o.category, o.polarity) for o in opinions] == [
            (s.start, s.end, s.labels["category"].label, s.labels["sentiment"].label) for s in spans
        ]
        count += len(opinions)
    assert count > 20
    assert run("score", SAMPLE / "test.xml", project / "out.xml").code == 0


def test_gold_labels_are_ignored(project: Path, trained: Run) -> None:
    strange = hotel_xml(1).replace("positive", "conflict")
    (project / "gold.xml").write_text(strange, encoding="utf-8")
    plain_xml(project / "gold.xml", project / "plain.xml")
    for name in ("gold", "plain"):
        assert predict(trained.folder, f"{name}.xml", f"{name}.jsonl").code == 0
    assert lines(project / "gold.jsonl") == lines(project / "plain.jsonl")
    assert len(lines(project / "gold.jsonl")) == 18


def test_a_column_of_a_table(project: Path, trained: Run, annotator: Annotator) -> None:
    write(project, "new.csv", ["id,tweet", *(f"{n},{text}" for n, text in enumerate(TEXTS))])
    outcome = predict(trained.folder, "new.csv", "out.jsonl", "--field=tweet")
    assert outcome.code == 0, outcome.err
    for n, (line, expected) in enumerate(
        zip(lines(project / "out.jsonl"), expected_lines(annotator, TEXTS), strict=True)
    ):
        assert line == {"id": f"{n}", "tweet": expected.pop("text"), **expected}
    assert predict(trained.folder, "new.csv", "out.csv", "--field=tweet").code == 0
    header = (project / "out.csv").read_text("utf-8").splitlines()[0]
    assert header == "id,tweet,category,spans"


def test_unknown_words_are_a_field_of_json_lines(project: Path, trained: Run) -> None:
    texts = ["الغرفة نظيفة لكن العشاء مُقَرْمَش", "الغرفة", "والقرنبيط، الغرفة!"]
    write(project, "new.csv", ["tweet,unknown_words", *(f"{text},0" for text in texts)])
    given = ("--field=tweet", "--unknown-words")
    outcome = predict(trained.folder, "new.csv", "out.jsonl", *given)
    assert outcome.code == 0, outcome.err
    assert "3 × field `unknown_words` overwritten" in outcome.err
    found = lines(project / "out.jsonl")
    assert [line.pop("unknown_words") for line in found] == [
        [{"start": 24, "end": 33, "text": "مُقَرْمَش"}],
        [],
        [{"start": 1, "end": 9, "text": "القرنبيط"}],
    ]
    assert predict(trained.folder, "new.csv", "plain.jsonl", "--field=tweet").code == 0
    plain = lines(project / "plain.jsonl")
    assert found == [{n: v for n, v in line.items() if n != "unknown_words"} for line in plain]


def test_unknown_words_need_json_lines_and_a_field_of_their_own(
    project: Path, trained: Run
) -> None:
    write(project, "new.csv", ["unknown_words", "الغرفة"])
    given = ("--field=unknown_words", "--unknown-words")
    outcome = predict(trained.folder, "new.csv", "out.csv", *given)
    assert_refused(project, outcome, "JSON lines", "csv")
    outcome = predict(trained.folder, "new.csv", "out.jsonl", *given)
    assert_refused(project, outcome, "--field", "unknown_words")


def test_unknown_words_need_a_model_of_whole_words(project: Path) -> None:
    outcome = predict(small_run(project), write(project), "out.jsonl", "--unknown-words")
    assert_refused(project, outcome, "whole words", "pieces of words")


def test_spans_have_raw_offsets(project: Path) -> None:
    model = small_run(project, "--model.lr=0")  # random weights find targets everywhere
    plain_xml(SAMPLE / "validation.xml", project / "new.xml", 120)
    assert predict(model, "new.xml", "out.jsonl").code == 0
    spans = [
        (line["text"], span) for line in lines(project / "out.jsonl") for span in line["spans"]
    ]
    assert sum(span["end"] > 0 for _, span in spans) > 20
    for text, span in spans:
        assert text[span["start"] : span["end"]] == span["text"]
        for label in span["labels"].values():
            assert 0 < label["score"] <= 1


@pytest.mark.slow
def test_categories_are_sorted_by_score(project: Path) -> None:
    model = small_run(project, "--data.tasks.category.threshold=0")
    assert predict(model, "train.xml", "out.jsonl").code == 0
    assert len(lines(project / "out.jsonl")) == 36
    for line in lines(project / "out.jsonl"):
        scores = [category["score"] for category in line["labels"]["category"]]
        assert scores == sorted(scores, reverse=True)
        assert {label["label"] for label in line["labels"]["category"]} == set(CATEGORIES)


def small_run(project: Path, *options: str) -> Path:
    """Trains a small model, and returns its run folder."""
    (project / "train.xml").write_text(hotel_xml(2), encoding="utf-8")
    config = write_yaml(project / "config.yaml", settings())
    outcome = run("fit", "--config", config, *SHRUNK, *folder_options(project), *options)
    assert outcome.code == 0, outcome.err
    return project / "runs" / "config" / "version_0"


@pytest.mark.slow
def test_recipe_form(project: Path) -> None:
    """Checks a model of two corpora, whose predictions are merged but have no categories."""
    root = f"--data.root={write_hotels(project / 'xml')}"
    config = ROOT / "configs" / "recipe.yaml"
    given = ["--config", config, TINY_ENCODER, *SHRUNK, *folder_options(project), root, NO_PICTURES]
    assert run("fit", *given).code == 0
    texts = plain_xml(SAMPLE / "test.xml", project / "new.xml", 12)
    model = project / "runs" / "recipe" / "version_0"
    assert predict(model, "new.xml", "lines.jsonl").code == 0
    found = lines(project / "lines.jsonl")
    assert [(line["id"], line["text"]) for line in found] == texts
    assert {"sentiment"} <= {task for line in found for s in line["spans"] for task in s["labels"]}
    outcome = predict(model, "new.xml", "out.xml")
    assert_refused(project, outcome, "<Opinion>", "polarity, target")


def test_run_folder_may_be_moved(
    project: Path, without_sources: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(without_sources.folder, project / "elsewhere")
    write(project)
    (project / "deep").mkdir()
    monkeypatch.chdir(project / "deep")
    outcome = predict(Path("../elsewhere"), "../new.txt", "out.jsonl")
    assert outcome.code == 0, outcome.err
    assert len(lines(project / "deep" / "out.jsonl")) == 5


def test_output_is_replaced_as_a_whole(project: Path, trained: Run) -> None:
    (project / "out.jsonl").write_text("old\n" * 99)
    assert predict(trained.folder, write(project), "out.jsonl").code == 0
    assert len(lines(project / "out.jsonl")) == 5


def test_input_can_be_overwritten(project: Path, trained: Run) -> None:
    path = write(project, "new.jsonl", [json.dumps({"text": text}) for text in TEXTS])
    assert predict(trained.folder, path, "once.jsonl").code == 0
    assert predict(trained.folder, path, str(path)).code == 0
    assert path.read_bytes() == (project / "once.jsonl").read_bytes()
    assert predict(trained.folder, path, str(path)).code == 0
    assert path.read_bytes() == (project / "once.jsonl").read_bytes()


def test_output_link_is_kept(project: Path, trained: Run) -> None:
    (project / "there.jsonl").touch()
    (project / "out.jsonl").symlink_to("there.jsonl")
    assert predict(trained.folder, write(project), "out.jsonl").code == 0
    assert (project / "out.jsonl").is_symlink()
    assert len(lines(project / "there.jsonl")) == 5


@pytest.mark.parametrize(
    ("problem", "code"), [(OSError(28, os.strerror(28)), 2), (KeyboardInterrupt(), 130)]
)
def test_failing_midway_leaves_the_old_output(
    project: Path,
    trained: Run,
    monkeypatch: pytest.MonkeyPatch,
    problem: BaseException,
    code: int,
) -> None:
    (project / "out.jsonl").write_text("old\n")

    def fail(*_: object) -> str:
        raise problem

    monkeypatch.setattr("arabic_mtl.formats.records.records.as_json", fail)
    outcome = predict(trained.folder, write(project), "out.jsonl")
    assert (outcome.code, outcome.err.count("rule:")) == (code, int(code == 2))
    assert (os.strerror(28) in outcome.err, "Traceback" in outcome.err) == (code == 2, False)
    assert (project / "out.jsonl").read_text() == "old\n"
    assert files_under(project) == ["new.txt", "out.jsonl"]


BROKEN = ["العشاء", "ا" * (MAX_CHARACTERS + 1), "شكرا", "half \ud800 a character"]


def test_first_invalid_line_stops(project: Path, trained: Run) -> None:
    (project / "out.jsonl").write_text("old\n")
    path = project / "new.txt"
    path.write_bytes("\n".join(BROKEN).encode(errors="surrogatepass"))
    outcome = predict(trained.folder, path, "out.jsonl")
    error = error_fields(outcome)
    assert error.location == f"{path}, line 2"
    assert_names(error.found, "100,001")
    assert_names(error.expected, "100,000")
    assert (project / "out.jsonl").read_text() == "old\n"
    assert files_under(project) == ["new.txt", "out.jsonl"]


def test_invalid_lines_are_skipped_and_counted(
    project: Path, trained: Run, annotator: Annotator
) -> None:
    (project / "new.txt").write_bytes("\n".join(BROKEN).encode(errors="surrogatepass"))
    outcome = predict(trained.folder, "new.txt", "out.jsonl", "--on-error=skip")
    assert outcome.code == 0
    place = len("\n".join(BROKEN[:3]).encode()) + 6
    long, broken, counted = outcome.err.splitlines()
    assert_names(long, " line 2:", " 100,001 ")
    assert_names(broken, " line 4:", "UTF-8", " 0xed ", f" {place:,} ")
    assert_counted(counted, 2, 2)
    assert lines(project / "out.jsonl") == expected_lines(annotator, ["العشاء", "شكرا"])


def test_damaged_document_is_never_skipped(project: Path, trained: Run) -> None:
    (project / "new.xml").write_text(hotel_xml(1)[:-40], encoding="utf-8")
    outcome = predict(trained.folder, "new.xml", "out.xml", "--on-error=skip")
    assert_refused(project, outcome, "XML", "new.xml, line")


def assert_refused(project: Path, outcome: Outcome, *parts: object) -> None:
    error_fields(outcome)
    assert outcome.out == ""
    assert_names(outcome.err, *parts)
    assert [name for name in files_under(project) if name.startswith("out")] == []


REFUSED: dict[str, tuple[str, str, list[str], list[str]]] = {
    "no file": ("absent.xml", "out.xml", [], ["--input", "absent.xml"]),
    "a folder": (".", "out.xml", [], ["--input", " . "]),
    "output in no folder": ("new.txt", "absent/out.jsonl", [], ["--output", " absent\n"]),
    "output is a folder": ("new.txt", "folder", [], ["--output", " folder "]),
    "output is a device": ("new.txt", "/dev/null", [], ["--output", "/dev/null"]),
    "unknown name": ("new.xml.A", "out.xml", [], ["new.xml.A", ".tsv", "--input-format"]),
    "text from JSON": ("new.jsonl", "out.txt", [], ["found:    jsonl ", " text\n"]),
    "XML from text": ("new.txt", "out.xml", [], ["found:    text ", " xml\n", "jsonl"]),
    "XML from CSV": ("new.csv", "out", ["--output-format=xml"], ["found:    csv ", " xml\n"]),
    "CSV from XML": ("new.xml", "out.csv", [], ["found:    xml ", " csv\n", "xml, jsonl"]),
    "a field of text": ("new.txt", "out.jsonl", ["--field=a"], ["--field a", "text", "jsonl"]),
    "no such field": ("new.csv", "out.csv", ["--field=a"], ["new.csv, line 1", "column a"]),
    "no batch": ("new.txt", "out.jsonl", ["--batch-size=0"], ["--batch-size", "0", "1"]),
    "labels over texts": ("new.jsonl", "out.jsonl", ["--field=labels"], ["--field labels"]),
    "no number": ("new.txt", "out.jsonl", ["--batch-size=a"], ["--batch-size", "'a'"]),
    "unknown option": ("new.txt", "out.jsonl", ["--trainer.devices=2"], ["--trainer.devices=2"]),
    "abbreviation": ("new.txt", "out.jsonl", ["--on=skip"], ["--on=skip"]),
    "unknown format": ("new.txt", "out", ["--output-format=text"], ["--output-format", "'text'"]),
    "no device": ("new.txt", "out.jsonl", ["--device=mars"], ["mars", "cpu"]),
    "nothing": ("new.csv", "out.csv", [], ["new.csv, line 1", " text ", "--field"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_invalid_options_raise(project: Path, trained: Run, name: str) -> None:
    source, output, options, fragments = REFUSED[name]
    (project / "folder").mkdir()
    for kind in ("txt", "jsonl", "csv", "xml", "xml.A"):
        write(project, f"new.{kind}", ["a"] if kind == "txt" else [])
    assert_refused(project, predict(trained.folder, source, output, *options), *fragments)


@pytest.mark.parametrize("lacking", ["--ckpt_path", "--input", "--output"])
def test_required_options(project: Path, lacking: str) -> None:
    given = {"--ckpt_path": "model", "--input": "new.txt", "--output": "out.jsonl"}
    outcome = run("predict", *(f"{k}={v}" for k, v in given.items() if k != lacking))
    assert_refused(project, outcome, f" {lacking}\n", "arabic-mtl predict --help")


def test_missing_model_raises(project: Path) -> None:
    outcome = predict(project, write(project), "out.jsonl")
    assert_refused(project, outcome, f" {project}\n", "`arabic-mtl fit`")


def test_lightning_has_no_predict_command() -> None:
    assert list(Commands.subcommands()) == ["fit", "validate", "test"]


def test_help_names_every_option_and_format(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["predict", "--help"])
    assert stop.value.code == 0
    out = capsys.readouterr().out
    options = "ckpt_path input output input-format output-format field on-error batch-size device"
    assert [option for option in options.split() if f"  --{option} " not in out] == []
    assert [name for name in (*READERS, *WRITERS) if f"\n  {name}" not in out] == []


def test_a_pipe_has_a_format(
    project: Path, trained: Run, annotator: Annotator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for source, content in (("text", b"\xff"), ("jsonl", b"1"), ("csv", b"a,b")):
        monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(content)))
        outcome = predict(trained.folder, "-", "out.jsonl", f"--input-format={source}")
        assert error_fields(outcome).location.endswith(", line 1")
        assert_refused(project, outcome)
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO("\n".join(TEXTS).encode())))
    outcome = predict(trained.folder, "-", "out.jsonl")
    assert_counted(*outcome.err.splitlines(), annotated=5)
    assert lines(project / "out.jsonl") == expected_lines(annotator, TEXTS)


def test_a_named_pipe_is_a_pipe(project: Path, trained: Run, annotator: Annotator) -> None:
    os.mkfifo(project / "pipe")
    command = ["sh", "-c", "cat new.txt > pipe"]
    write(project)
    with subprocess.Popen(command, cwd=project):
        assert predict(trained.folder, "pipe", "out.jsonl").code == 0
    assert lines(project / "out.jsonl") == expected_lines(annotator, TEXTS)


@pytest.mark.parametrize("command", ["predict", "help"])
def test_a_full_disk(trained: Run, tmp_path: Path, command: str) -> None:
    words = ["--help"]
    if command == "predict":
        words = ["predict", "--ckpt_path", str(trained.folder), "--input", str(write(tmp_path))]
        words += ["--output", "-"]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, str(ROOT / "train.py"), *words],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    error = error_fields(Outcome(done.returncode, "", done.stderr.decode()))
    assert_names(error.found, os.strerror(28))


def test_help_into_a_closed_pipe() -> None:
    shell = f"'{sys.executable}' '{ROOT / 'train.py'}' --help | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", shell], capture_output=True, text=True, check=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("0\n", "")


def test_pipes_are_quiet_and_light(trained: Run, tmp_path: Path) -> None:
    program = f"""
import sys
from arabic_mtl.cli import main
code = main(["predict", "--ckpt_path", {str(trained.folder)!r}, "--input=-", "--output=-"])
heavy = "lightning datasets torchmetrics transformers pandas matplotlib pyarrow".split()
print([name for name in heavy if name in sys.modules], code, file=sys.stderr)
"""
    given = "\n".join(["شكرا"] * 3000)
    done = subprocess.run(
        [
            "bash",
            "-c",
            f'"{sys.executable}" -c "$0" | head -n 2; exit "${{PIPESTATUS[0]}}"',
            program,
        ],
        input=given,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.stderr == "[] 0\n"
    assert [json.loads(line)["text"] for line in done.stdout.splitlines()] == ["شكرا"] * 2
    assert done.returncode == 0
