"""``serve``: the service in a process, its page in a browser, and its end."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

import arabic_mtl
from arabic_mtl import Annotation
from arabic_mtl.cli import main
from support.messages import assert_names, error_fields
from support.paths import ROOT
from support.runs import Run, run
from support.semeval import sample_texts

pytestmark = pytest.mark.runs

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
OFFLINE = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--virtual-time-budget=10000",
]
SECONDS = 60


@contextmanager
def service(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Yields a process that serves a model, and its URL."""
    command = [sys.executable, ROOT / "train.py", "serve", "--ckpt_path", folder, "--port=0"]
    process = subprocess.Popen(
        [*map(str, command), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        match = re.fullmatch(r".* (http://127\.0\.0\.1:\d+)\b.* Ctrl\+C .*\n", line)
        assert match, (line, process.communicate(timeout=SECONDS))
        yield process, match[1]
    finally:
        process.kill()
        process.wait(SECONDS)


def post(url: str, texts: list[str]) -> list[dict[str, Any]]:
    body = json.dumps({"texts": texts}).encode()
    request = urllib.request.Request(f"{url}/annotate", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=SECONDS) as response:
        found: list[dict[str, Any]] = json.load(response)["annotations"]
        return found


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_service_runs_until_a_signal(trained: Run, number: signal.Signals) -> None:
    texts = ["كانت الغرفة ممتازة وكذلك الموظفون", ""]
    expected = arabic_mtl.load(trained.folder)(texts)
    with service(trained.folder) as (process, url):
        assert post(url, texts) == [annotation.as_dict() for annotation in expected]
        process.send_signal(number)
        assert process.wait(SECONDS) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
        with pytest.raises(OSError, match="refused"):
            post(url, texts)


def annotated(trained: Run) -> list[Annotation]:
    """Returns annotations of texts with an emoji (two UTF-16 units) and with HTML."""
    texts = [f"😍 <b>{text}</b> & co." for text in sample_texts()[:200]]
    return arabic_mtl.load(trained.folder)(texts)


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
def test_the_page_in_a_browser(trained: Run, tmp_path: Path) -> None:
    found = next(found for found in annotated(trained) if any(span.text for span in found.spans))
    text, pieces = found.text, [span for span in found.spans if span.text]
    with service(trained.folder) as (_, url):
        command = [str(CHROMIUM), *OFFLINE, f"--user-data-dir={tmp_path}", "--dump-dom"]
        page = subprocess.run(
            [*command, f"{url}/?text={quote(text)}"],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=True,
        ).stdout
    assert '<html lang="ar" dir="rtl">' in page
    sentence = re.search(r'<p id="sentence"[^>]*>(.*?)</p>', page, re.DOTALL)
    assert sentence
    marks = re.findall(r'<mark [^>]*style="--hue: (\d+);"[^>]*>(.*?)</mark>', sentence[1])
    assert len(marks) >= len(pieces)
    shown = re.sub(r"<sup>\d+</sup>", "", sentence[1])
    assert html.unescape(re.sub(r"</?mark[^>]*>", "", shown)) == text
    lines = re.findall(r"<li>(.*?)</li>", page.split('id="spans"')[1], re.DOTALL)
    assert len(lines) == len(found.spans)
    for line, span in zip(lines, found.spans, strict=True):
        assert html.escape(span.text, quote=False) in line
        for task, label in span.labels.items():
            chip = re.search(rf'title="{task}: ([^,]+), ([\d.]+)"', line)
            assert chip
            assert chip[1] == label.label
            assert float(chip[2]) == pytest.approx(label.score, abs=1e-4)
    hues = {"positive": "150", "negative": "25", "neutral": "80"}
    first = pieces[0].labels.get("sentiment")
    assert first is None or marks[0][0] == hues[first.label]


@pytest.mark.parametrize(
    ("options", "fragments"),
    [
        (["--ckpt_path=absent"], [" absent\n", "`arabic-mtl fit`"]),
        (["--port=8000"], ["--ckpt_path"]),
        (["--ckpt_path=MODEL", "--texts=0"], ["--texts 0"]),
        (["--ckpt_path=MODEL", "--port=99999"], ["--host 127.0.0.1", "--port 99999"]),
        (["--ckpt_path=MODEL", "--host=256.1.1.1"], ["--host 256.1.1.1"]),
        (["--ckpt_path=MODEL", "--port=many"], ["--port", "arabic-mtl serve --help"]),
    ],
)
def test_mistakes(trained: Run, project: Path, options: list[str], fragments: list[str]) -> None:
    outcome = run("serve", *(option.replace("MODEL", str(trained.folder)) for option in options))
    error_fields(outcome)
    assert outcome.out == ""
    assert_names(outcome.err, *fragments)


def test_used_port_raises(trained: Run) -> None:
    with service(trained.folder) as (_, url):
        port = url.rsplit(":")[-1]
        error = error_fields(run("serve", "--ckpt_path", trained.folder, "--port", port))
    assert_names(error.found, f"--host 127.0.0.1 --port {port}")


def test_missing_aiohttp_raises(trained: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("arabic_mtl.serving")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    outcome = run("serve", "--ckpt_path", trained.folder)
    error = error_fields(outcome)
    assert_names(error.found, "aiohttp")
    assert error.expected == "pip install 'arabic-mtl[serve]'"


def test_help_lists_the_paths(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["serve", "--help"])
    assert stop.value.code == 0
    assert "POST /annotate" in capsys.readouterr().out
