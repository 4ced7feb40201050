"""Which format a file has, and which it can become."""

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
    "xml": {"xml", "jsonl"},
}


@pytest.mark.parametrize(
    ("name", "found"),
    [("a.txt", "text"), ("a.b.JSONL", "jsonl"), ("a.ndjson", "jsonl"), ("x/a.tsv", "tsv")],
)
def test_names_tell_formats(name: str, found: str) -> None:
    assert input_format(Path(name)) == found


@pytest.mark.parametrize("name", ["a", "a.xml.A", "xml", ".csv", "-"])
def test_other_names_tell_nothing(name: str) -> None:
    with pytest.raises(InputError) as caught:
        input_format(Path(name))
    assert caught.value.found == Path(name).name
    assert_names(caught.value.expected, ".txt", ".jsonl", ".csv", ".tsv", ".xml", "--input-format")


@pytest.mark.parametrize("source", READERS)
def test_what_each_format_can_become(source: str) -> None:
    for target in (*WRITERS, "text"):
        for name, asked in ((f"a.{target}".replace("text", "txt"), None), ("a.x", target)):
            if target in OUTPUTS[source]:
                assert output_format(source, Path(name), asked) == target
            else:
                with pytest.raises(InputError) as caught:
                    output_format(source, Path(name), asked)
                first, *_, last = str(caught.value.found).split()
                assert (first, last) == (source, target)
                assert_names(caught.value.expected, "--output", "--output-format", *OUTPUTS[source])


@pytest.mark.parametrize("source", READERS)
def test_a_file_stays_what_it_is_unless_told(source: str) -> None:
    same = "jsonl" if source == "text" else source
    assert output_format(source, Path("-"), None) == same
    assert output_format(source, Path("a.out"), None) == same


def test_formats_need_no_torch() -> None:
    code = "import sys; import arabic_mtl.formats; print({'torch', 'numpy'} & set(sys.modules))"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
