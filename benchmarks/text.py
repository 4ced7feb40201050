"""How fast raw text becomes tokens and tables, and how much memory that takes.

    python benchmarks/text.py --root FOLDER_OF_THE_XML

Speeds are per core, in CPU time, medians of five. The vocabularies are learned from the corpus.
"""

import argparse
import gc
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from xml.sax.saxutils import escape, quoteattr

os.environ["TOKENIZERS_PARALLELISM"] = "false"  # one core

from tokenizers import BertWordPieceTokenizer
from transformers import BertTokenizer

from arabic_mtl.data.cache import write_table
from arabic_mtl.formats import SemEval2016
from arabic_mtl.tasks import MultiLabelClassification, SpanClassification, Task, TokenClassification
from arabic_mtl.text import TextPipeline, TextSettings

FILE = "AR_Hotels_Train_SB1.xml"
ROUNDS = 5
POLARITIES = ("positive", "negative", "neutral")


def cpu_seconds(work: Callable[[], object], *, before: Callable[[], object] = int) -> float:
    """The median CPU time of some runs."""
    times = []
    for _ in range(ROUNDS):
        before()
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return median(times)


def pipeline(folder: Path, texts: list[str], **settings: object) -> TextPipeline:
    """A pipeline of settings."""
    return TextPipeline.create(folder, TextSettings(**settings), lambda: texts)  # type: ignore[arg-type]


def local_arabert(folder: Path, texts: list[str]) -> str:
    """A tokenizer of AraBERT v0.2's kind: cased WordPiece in the class BertTokenizer."""
    learned = BertWordPieceTokenizer(lowercase=False, strip_accents=False)
    learned.train_from_iterator(texts, vocab_size=30_000, show_progress=False)
    learned.save_model(str(folder))
    BertTokenizer(str(folder / "vocab.txt"), do_lower_case=False).save_pretrained(folder)
    return str(folder)


def corpus_tasks(path: Path) -> dict[str, Task]:
    """The three tasks of configs/hotels.yaml, with the labels that the file has."""
    examples = list(SemEval2016().read(path))
    layers = {"entity", "category"}
    labels = {n: {label for e in examples for label in e.labels[n]} for n in layers}
    entities, categories = (tuple(sorted(labels[name])) for name in ("entity", "category"))
    return {
        "sentiment": SpanClassification(corpus="reviews", layer="polarity", labels=POLARITIES),
        "ner": TokenClassification(corpus="reviews", layer="entity", labels=entities),
        "category": MultiLabelClassification(corpus="reviews", layer="category", labels=categories),
    }


def speeds(root: Path, folder: Path) -> Iterator[tuple[str, float, str]]:
    """What was measured, the figure, its unit."""
    path = root / FILE
    texts = [example.text for example in SemEval2016().read(path)]
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    none = [None] * len(texts)

    (folder / "arabert").mkdir()
    name = local_arabert(folder / "arabert", texts)
    arabert = pipeline(folder / "a", texts, pretrained=name, cleaning="arabert")
    fresh = [loaded(folder / "a") for _ in range(ROUNDS)]
    cold = cpu_seconds(lambda: fresh.pop().encode(texts, none))
    yield (
        "raw text → ids with offsets, arabert preset, nothing remembered",
        megabytes / cold,
        "MB/s",
    )
    warm = cpu_seconds(lambda: arabert.encode(texts, none))
    yield "… with all its words remembered", megabytes / warm, "MB/s"

    stems = pipeline(folder / "s", texts, stemming="snowball")
    stems.encode(texts, none)
    words = sum(len(text.split()) for text in texts)
    seconds = cpu_seconds(lambda: stems.encode(texts, none))
    yield "stemming and encoding, all words remembered", words / seconds / 1000, "thousand words/s"

    pipeline(folder / "l", texts)
    unused = [loaded(folder / "l") for _ in range(ROUNDS)]
    tasks = corpus_tasks(path)
    table = folder / "table.arrow"
    seconds = cpu_seconds(
        lambda: write(path, table, tasks, unused.pop()),
        before=lambda: table.unlink(missing_ok=True),
    )
    yield "XML → Arrow, three tasks", path.stat().st_size / 1e6 / seconds, "MB/s of XML"


def write(path: Path, table: Path, tasks: dict[str, Task], text: TextPipeline) -> None:
    """Encodes a corpus into a table."""
    write_table(table, SemEval2016().read(path), tasks, text, source=path)


def varied_copy(source: Path, path: Path, megabytes: float) -> None:
    """A file of so many megabytes, of sentences made of the corpus's words in new combinations."""
    random.seed(0)
    words = [word for example in SemEval2016().read(source) for word in example.text.split()]
    with path.open("w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<Reviews>\n')
        number = 0
        while file.tell() < megabytes * 1e6:
            chosen = random.choices(words, k=25)
            chosen[0] += "".join(random.choices("ابتثجحخدذرزسشصضطظعغفقكلمنهوي", k=6))  # a new word
            text = " ".join(chosen)
            target = f"target={quoteattr(chosen[0])} from='0' to='{len(chosen[0])}'"
            opinion = f"<Opinion {target} category='HOTEL#GENERAL' polarity='positive'/>"
            file.write(
                f'<Review rid="{number}"><sentences><sentence id="{number}:0"><text>{escape(text)}'
                f"</text><Opinions>{opinion}</Opinions></sentence></sentences></Review>\n"
            )
            number += 1
        file.write("</Reviews>\n")


def peak_megabytes(root: Path, path: Path, folder: Path) -> float:
    """The peak resident memory of a process that turns a file into a table."""
    command = [sys.executable, __file__, "--root", str(root), "--write", str(path), str(folder)]
    return float(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


def write_and_tell_peak(root: Path, path: Path, folder: Path) -> None:
    """Prints this process's peak memory, in MB, after it has written a table."""
    write(path, path.with_suffix(".arrow"), corpus_tasks(root / FILE), loaded(folder))
    status = Path("/proc/self/status").read_text()
    print(int(status.split("VmHWM:")[1].split()[0]) / 1000)


def loaded(folder: Path) -> TextPipeline:
    """A pipeline that remembers nothing yet."""
    return TextPipeline.load(folder)


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help=f"folder of {FILE}")
    parser.add_argument("--write", type=Path, nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.write:
        write_and_tell_peak(arguments.root, *arguments.write)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        gc.freeze()  # as train.py does
        for what, figure, unit in speeds(arguments.root, folder):
            print(f"{what:<64} {figure:8.2f} {unit}", flush=True)
        for megabytes in (15, 150):
            path = folder / f"{megabytes}.xml"
            varied_copy(arguments.root / FILE, path, megabytes)
            peak = peak_megabytes(arguments.root, path, folder / "l")
            print(f"{f'peak memory, XML of {megabytes} MB → Arrow':<64} {peak:8.0f} MB", flush=True)


if __name__ == "__main__":
    main()
