"""The choice of input and output formats by file names and options."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from arabic_mtl.errors import InputError
from arabic_mtl.formats import READERS, WRITERS, input_format, output_format
from support.messages import assert_names
from support.paths import ROOT

OUTPUTS = {
    "text": {"jsonl"},
    "jsonl": {"jsonl"},
    "csv": {"csv", "tsv", "jsonl"},
    "tsv": {"csv", "tsv", "jsonl"},
    "xlsx": {"csv", "tsv", "jsonl"},
    "parquet": {"csv", "tsv", "jsonl"},
    "xml": {"xml", "jsonl"},
    "conll": {"conll", "jsonl"},
}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.txt", "text"),
        ("a.b.JSONL", "jsonl"),
        ("a.ndjson", "jsonl"),
        ("x/a.tsv", "tsv"),
        ("a.bio", "conll"),
    ],
)
def test_input_format_follows_the_file_name(name: str, expected: str) -> None:
    assert input_format(Path(name)) == expected


@pytest.mark.parametrize("name", ["a", "a.xml.A", "xml", ".csv", "-"])
def test_input_format_rejects_unknown_names(name: str) -> None:
    with pytest.raises(InputError) as caught:
        input_format(Path(name))
    assert caught.value.found == Path(name).name
    assert_names(caught.value.expected, ".txt", ".jsonl", ".csv", ".tsv", ".xml", "--input-format")


@pytest.mark.parametrize("source", READERS)
def test_output_format_allows_the_known_conversions(source: str) -> None:
    for target in (*WRITERS, "text"):
        for name, requested in ((f"a.{target}".replace("text", "txt"), None), ("a.x", target)):
            if target in OUTPUTS[source]:
                assert output_format(source, Path(name), requested) == target
            else:
                with pytest.raises(InputError) as caught:
                    output_format(source, Path(name), requested)
                first, *_, last = str(caught.value.found).split()
                assert (first, last) == (source, target)
                assert_names(caught.value.expected, "--output", "--output-format", *OUTPUTS[source])


@pytest.mark.parametrize("source", READERS)
def test_output_format_defaults_to_the_input_format(source: str) -> None:
    expected = {"text": "jsonl", "xlsx": "csv", "parquet": "csv"}.get(source, source)
    assert output_format(source, Path("-"), None) == expected
    assert output_format(source, Path("a.out"), None) == expected


def test_formats_need_no_torch() -> None:
    code = "import sys; import arabic_mtl.formats; print({'torch', 'numpy'} & set(sys.modules))"
    command = [sys.executable, "-c", code]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert process.stdout == "set()\n"
