"""``score`` on files with layers: tables, JSON, names of layers, formats, errors."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from support.layered import LAYERED, TEXT, write_examples
from support.messages import assert_names, error_fields
from support.paths import SAMPLE
from support.runs import Outcome, run

PER, LOC = [4, 7, "PER"], [11, 14, "LOC"]
FORMATS = ("--gold-format", LAYERED, "--system-format", LAYERED)

GOLD: list[dict[str, Any]] = [
    {"spans": {"ner": [PER, LOC]}, "labels": {"mood": ["good"], "topic": ["a", "b"]}},
    {"spans": {"ner": []}, "labels": {"mood": ["bad"], "topic": []}},
    {"labels": {"mood": ["good"], "part": ["x"]}},
]
SYSTEM: list[dict[str, Any]] = [
    {"spans": {"ner": [PER, [0, 3, "LOC"]]}, "labels": {"mood": ["good"], "topic": ["a"]}},
    {"spans": {"ner": [LOC]}, "labels": {"mood": ["good"], "topic": ["b"]}},
    {"spans": {"ner": [PER]}, "labels": {"topic": ["c"], "own": ["y"]}},
]


def score(folder: Path, gold: Sequence[Any], system: Sequence[Any], *options: str) -> Outcome:
    files = (write_examples(folder / "gold.jl", gold), write_examples(folder / "found.jl", system))
    return run("score", *files, *FORMATS, *options)


def tables(outcome: Outcome) -> dict[str, dict[str, list[str]]]:
    """Returns the rows of each printed table by the first word of its title."""
    assert outcome.code == 0, outcome.err
    found: dict[str, dict[str, list[str]]] = {}
    for line in outcome.out.splitlines():
        if title := re.match(r" *(\w+)(?:, \w+ of the system)?: (?:exact|one|several) ", line):
            found[title[1]] = {}
        elif "│" in line:
            name, *cells = re.split(" *│ *", line)[1:-1]
            list(found.values())[-1][name] = cells
    return found


def test_tables(tmp_path: Path) -> None:
    outcome = score(tmp_path, GOLD, SYSTEM)
    assert tables(outcome) == {
        "ner": {  # 2 gold spans; 3 predicted in the two texts with gold
            "micro average": ["33.3", "50.0", "40.0", "1", "3", "2"],
            "macro average": ["50.0", "50.0", "50.0", "", "", ""],
            "LOC": ["0.0", "0.0", "0.0", "0", "2", "1"],
            "PER": ["100.0", "100.0", "100.0", "1", "1", "1"],
        },
        "mood": {
            "all texts": ["", "", "", "33.3", "1", "2", "3"],
            "macro average": ["25.0", "25.0", "25.0", "", "", "", ""],
            "bad": ["0.0", "0.0", "0.0", "", "0", "0", "1"],
            "good": ["50.0", "50.0", "50.0", "", "1", "2", "2"],
        },
        "topic": {
            "micro average": ["50.0", "50.0", "50.0", "1", "2", "2"],
            "macro average": ["50.0", "50.0", "50.0", "", "", ""],
            "a": ["100.0", "100.0", "100.0", "1", "1", "1"],
            "b": ["0.0", "0.0", "0.0", "0", "1", "1"],
        },
    }
    assert "seqeval" in outcome.out


def test_what_is_not_scored_is_printed(tmp_path: Path) -> None:
    lines = score(tmp_path, GOLD, SYSTEM).out.splitlines()
    notes = [line for line in lines if not re.search("[│┃━─]|: exact|per text;", line) and line]
    layers = [re.findall(r"\w+/\w+", line) for line in notes]
    assert layers[:2] == [["labels/own"], ["labels/part"]]
    numbers = [(layers[n][0], re.findall(r"\d+", notes[n])) for n in range(2, 5)]
    assert numbers == [
        ("spans/ner", ["1"]),  # a text without gold
        ("labels/mood", ["1", "3"]),  # a gold text without a predicted layer
        ("labels/topic", ["1"]),
    ]
    assert [line for line in notes[5:] if "gold.jl" in line or "found.jl" in line] == [
        "gold.jl is read as Layered {text: text}",
        "found.jl is read as Layered {text: text}",
    ]


def test_notices_and_doubts_of_the_files_are_printed(tmp_path: Path) -> None:
    gold = write_examples(tmp_path / "gold.jl", GOLD)
    gold.write_text("# a\n" + gold.read_text(encoding="utf-8") + "# b\n", encoding="utf-8")
    out = run("score", gold, gold, *FORMATS).out
    assert out.count("2 times: a comment; the first in line 1\n") == 2
    assert out.count("the field `text` may have another name") == 2
    out = run("score", gold, gold, *FORMATS, "--option", "gold.text=text").out
    assert out.count("the field `text` may have another name") == 1  # of the system's


def test_json(tmp_path: Path) -> None:
    assert score(tmp_path, GOLD, SYSTEM, "--json", str(tmp_path / "scores.json")).code == 0
    content = json.loads((tmp_path / "scores.json").read_text(encoding="utf-8"))
    assert content.keys() == {"layers", "left_out"}
    assert content["left_out"].keys() == {"labels/own", "labels/part"}
    ner, mood, topic = content["layers"]
    assert (ner["kind"], mood["kind"], topic["kind"]) == ("spans", "label", "labels")
    assert (ner["texts"], ner["missing"], ner["unlabelled"]) == (2, 0, 1)
    assert (mood["texts"], mood["missing"], mood["unlabelled"]) == (3, 1, 0)
    assert ner["scores"] == pytest.approx(
        {"precision": 1 / 3, "recall": 1 / 2, "f1": 2 / 5, "macro_f1": 1 / 2}
    )
    assert mood["scores"] == pytest.approx({"accuracy": 1 / 3, "macro_f1": 1 / 4})
    assert topic["scores"]["micro_f1"] == 0.5
    assert ner["counts"] == {"correct": 1, "predicted": 3, "gold": 2}
    assert mood["labels"]["good"] == {
        "scores": {"precision": 0.5, "recall": 0.5, "f1": 0.5},
        "counts": {"correct": 1, "predicted": 2, "gold": 2},
    }


def test_layers_of_other_names(tmp_path: Path) -> None:
    system = [{"labels": {"feeling": ["good"]}}, {"labels": {"feeling": ["bad"]}}]
    outcome = score(tmp_path, GOLD[:2], system, "--layer", "mood=feeling")
    assert tables(outcome)["mood"]["all texts"] == ["", "", "", "100.0", "2", "2", "2"]
    assert_names(outcome.out, "mood, feeling of the system: ")
    assert "not scored" not in outcome.out  # other layers were not asked for


def test_layers_are_selected(tmp_path: Path) -> None:
    options = ("--layer", "topic", "--layer", "ner=ner")
    assert tables(score(tmp_path, GOLD, SYSTEM, *options)).keys() == {"ner", "topic"}


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (["--layer", "mood=none"], ["labels/mood", "labels/own", "--layer"]),
        (["--layer", "ner", "--layer", "own"], ["spans/ner", "labels/part", "--layer"]),
        (["--layer", "ner=mood"], ["spans/ner", "labels/mood", "--layer"]),
        (["--layer", "ner", "--layer", "ner=own"], ["--layer", "ner ner=own"]),
        (["--option", "text"], ["found:    text\n", "KEY=VALUE"]),
        (["--option", "text=[}"], ["found:    text=[}\n", "KEY=VALUE"]),
        (["--option", "system.field=a"], ["found:    field\n", "text", "found.jl"]),
        (["--option", "gold.text=[a]"], ['"text"', "['a']", "gold.jl"]),
        (["--gold-format", "Tables"], ["--gold-format", "found:    Tables\n", "Table, "]),
    ],
)
def test_bad_options(tmp_path: Path, options: list[str], names: list[str]) -> None:
    outcome = score(tmp_path, GOLD, SYSTEM, *options)
    error_fields(outcome)
    assert outcome.out == ""
    assert_names(outcome.err, *names)


def test_files_without_common_layers_raise(tmp_path: Path) -> None:
    outcome = score(tmp_path, [{"labels": {"a": ["x"]}}], [{"spans": {"a": [PER]}}])
    fields = error_fields(outcome)
    assert_names(fields.found, "labels/a", "spans/a")
    assert_names(fields.location, "found.jl")
    assert_names(error_fields(score(tmp_path, [{}], [{}])).found, "no layer")


def test_other_texts_raise(tmp_path: Path) -> None:
    other = [GOLD[0], {**GOLD[1], "text": TEXT.replace("سعد", "سعيد")}, GOLD[2]]
    fields = error_fields(score(tmp_path, GOLD, other))
    assert_names(fields.location, "found.jl", "line 2")
    assert_names(fields.found, " 6 ")


def test_ids_join_texts_in_any_order(tmp_path: Path) -> None:
    gold = [{**example, "id": name} for example, name in zip(GOLD, "abc", strict=True)]
    system = [{**example, "id": name} for example, name in zip(SYSTEM, "abc", strict=True)]
    expected = tables(score(tmp_path, GOLD, SYSTEM))
    assert tables(score(tmp_path, gold, system[::-1])) == expected
    found = tables(score(tmp_path, gold, system[:1]))
    assert found["ner"]["micro average"] == ["50.0", "50.0", "50.0", "1", "2", "2"]
    assert found["mood"]["all texts"] == ["", "", "", "33.3", "1", "1", "3"]


def test_layers_of_opinions_are_scored_on_demand() -> None:
    path = SAMPLE / "test.xml"
    outcome = run("score", path, path, "--layer", "entity", "--layer", "polarity")
    assert outcome.out.count("polarity: exact spans") == 1
    assert outcome.out.count("entity: exact spans") == outcome.out.count("entity: several") == 1
    assert "slot" not in outcome.out


def test_a_file_of_no_format_raises(tmp_path: Path) -> None:
    (tmp_path / "gold").write_text("كلام عادي بلا وسوم\n", encoding="utf-8")
    fields = error_fields(run("score", SAMPLE / "test.xml", tmp_path / "gold"))
    assert_names(fields.expected, "--system-format", "SemEval2016", "Table")


def test_predictions_beside_the_gold_labels_of_a_table_are_scored(tmp_path: Path) -> None:
    """An annotated table has the gold column, too; the predictions have the longest suffix."""
    gold, system = tmp_path / "gold.csv", tmp_path / "found.csv"
    gold.write_text("text,mood,tone\nfirst text,good,x\nsecond text,bad,x\n", encoding="utf-8")
    system.write_text(
        "text,mood,mood_predicted,mood_predicted_2,tone,tone_predicted\n"
        "first text,good,bad,good,x,y\nsecond text,bad,bad,good,x,x\n",
        encoding="utf-8",
    )
    names = ("mood", "mood_predicted", "mood_predicted_2", "tone", "tone_predicted")
    labels = json.dumps({name: name for name in names})
    options = ("--option", 'gold.labels={"mood": "mood", "tone": "tone"}')
    options = (*options, "--option", f"system.labels={labels}")
    outcome = run("score", gold, system, *options)
    assert {name: rows["all texts"][3] for name, rows in tables(outcome).items()} == {
        "mood": "50.0",
        "tone": "50.0",
    }
    assert "mood, mood_predicted_2 of the system" in outcome.out
    assert "labels/mood_predicted is not scored" in outcome.out


def test_slices_and_scored_labels(tmp_path: Path) -> None:
    moods = {"gold": ["good", "bad", "so", "good"], "found": ["good", "so", "so", "bad"]}
    for name, own in moods.items():
        lines = [f"نص {n},{mood},{'xxyy'[n]}\n" for n, mood in enumerate(own)]
        (tmp_path / f"{name}.csv").write_text("text,mood,source\n" + "".join(lines), "utf-8")
    arguments = ["score", *(tmp_path / f"{name}.csv" for name in moods), "--layer", "mood"]
    arguments += ["--option", "labels={mood: mood}", "--scored", "good", "--scored", "bad"]
    target = tmp_path / "scores.json"
    outcome = run(*arguments, "--slice", "source", "--slice", "length", "--json", target)
    assert outcome.code == 0, outcome.err
    content = json.loads(target.read_text("utf-8"))
    (layer,) = content["layers"]
    assert layer["scores"]["scored_f1"] == pytest.approx((2 / 3 + 0) / 2)
    by_source = content["slices"]["source"]
    assert {value: row["labels/mood"]["texts"] for value, row in by_source.items()} == {
        "x": 2,
        "y": 2,
    }
    assert by_source["x"]["labels/mood"]["scores"] == {
        "accuracy": 0.5,
        "macro_f1": pytest.approx(1 / 3),
        "scored_f1": 0.5,
    }
    assert list(content["slices"]["length"]) == ["1–8 words"]
    assert_names(outcome.out, "labels/mood by source", "… of good, bad")
    wrong = run(*arguments, "--slice", "origin")
    assert_names(error_fields(wrong).expected, "text, mood, source")
    assert_names(error_fields(run(*arguments, "--scored", "god")).expected, "bad, good")
