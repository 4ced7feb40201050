"""The speed and memory use of tokenization, and of the conversion of XML to encoded tables.

    python benchmarks/text.py --root FOLDER_OF_THE_XML

Speeds are per core, from CPU times, medians of five. The vocabularies are trained on the corpus.
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

from saving import add_save_option, save
from tokenizers import BertWordPieceTokenizer
from transformers import BertTokenizer

from arabic_mtl.data.cache import write_table
from arabic_mtl.formats import SemEval2016
from arabic_mtl.tasks import MultiLabelClassification, SpanClassification, Task, TokenClassification
from arabic_mtl.text import TextPipeline, TextSettings

FILE = "AR_Hotels_Train_SB1.xml"
ROUNDS = 5
POLARITIES = ("positive", "negative", "neutral")


def cpu_seconds(work: Callable[[], object], *, setup: Callable[[], object] = int) -> float:
    """Returns the median CPU seconds of a function; `setup` is called first, and not measured."""
    times = []
    for _ in range(ROUNDS):
        setup()
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return median(times)


def pipeline(folder: Path, texts: list[str], **settings: object) -> TextPipeline:
    """Creates a text pipeline from settings."""
    return TextPipeline.create(folder, TextSettings(**settings), lambda: texts)  # type: ignore[arg-type]


def local_arabert(folder: Path, texts: list[str]) -> str:
    """Trains and saves a tokenizer like that of AraBERT v0.2: a cased BertTokenizer."""
    tokenizer = BertWordPieceTokenizer(lowercase=False, strip_accents=False)
    tokenizer.train_from_iterator(texts, vocab_size=30_000, show_progress=False)
    tokenizer.save_model(str(folder))
    BertTokenizer(str(folder / "vocab.txt"), do_lower_case=False).save_pretrained(folder)
    return str(folder)


def corpus_tasks(path: Path) -> dict[str, Task]:
    """Returns the three tasks of configs/hotels.yaml, with the labels in the file."""
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
    """Yields the name of each measurement, its value and the unit."""
    path = root / FILE
    texts = [example.text for example in SemEval2016().read(path)]
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    none = [None] * len(texts)

    (folder / "arabert").mkdir()
    name = local_arabert(folder / "arabert", texts)
    arabert = pipeline(folder / "a", texts, pretrained=name, cleaning="arabert")
    fresh = [load(folder / "a") for _ in range(ROUNDS)]
    cold = cpu_seconds(lambda: fresh.pop().encode(texts, none))
    yield (
        "raw text → ids with offsets, arabert preset, empty word cache",
        megabytes / cold,
        "MB/s",
    )
    warm = cpu_seconds(lambda: arabert.encode(texts, none))
    yield "… with all words in the cache", megabytes / warm, "MB/s"

    stems = pipeline(folder / "s", texts, stemming="snowball")
    stems.encode(texts, none)
    words = sum(len(text.split()) for text in texts)
    seconds = cpu_seconds(lambda: stems.encode(texts, none))
    yield "stemming and encoding, all words cached", words / seconds / 1000, "thousand words/s"

    pipeline(folder / "l", texts)
    unused = [load(folder / "l") for _ in range(ROUNDS)]
    tasks = corpus_tasks(path)
    table = folder / "table.arrow"
    seconds = cpu_seconds(
        lambda: write(path, table, tasks, unused.pop()),
        setup=lambda: table.unlink(missing_ok=True),
    )
    yield "XML → Arrow, three tasks", path.stat().st_size / 1e6 / seconds, "MB/s of XML"


def write(path: Path, table: Path, tasks: dict[str, Task], text: TextPipeline) -> None:
    """Encodes a corpus, and writes it as a table."""
    write_table(table, SemEval2016().read(path), tasks, text, source=path)


def write_varied_copy(source: Path, path: Path, megabytes: float) -> None:
    """Writes a large file of sentences with random words of the corpus.

    Args:
        source: The XML file of the corpus.
        path: The file to write.
        megabytes: The size of the file.
    """
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
    """Returns the peak resident memory, in MB, of a process that converts a file to a table."""
    command = [sys.executable, __file__, "--root", str(root), "--write", str(path), str(folder)]
    return float(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


def write_and_print_peak(root: Path, path: Path, folder: Path) -> None:
    """Writes a table, and prints the peak memory of this process in MB."""
    write(path, path.with_suffix(".arrow"), corpus_tasks(root / FILE), load(folder))
    status = Path("/proc/self/status").read_text()
    print(int(status.split("VmHWM:")[1].split()[0]) / 1000)


def load(folder: Path) -> TextPipeline:
    """Loads a text pipeline whose word cache is empty."""
    return TextPipeline.load(folder)


def main() -> None:
    """Prints the speeds, and the peak memory for two file sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help=f"folder of {FILE}")
    parser.add_argument("--write", type=Path, nargs=2, help=argparse.SUPPRESS)
    add_save_option(parser)
    arguments = parser.parse_args()
    if arguments.write:
        write_and_print_peak(arguments.root, *arguments.write)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        gc.freeze()  # as the command line does
        figures: dict[str, float] = {}
        for title, value, unit in speeds(arguments.root, folder):
            print(f"{title:<64} {value:8.2f} {unit}", flush=True)
            figures[title] = round(value, 2)
        for megabytes in (15, 150):
            path = folder / f"{megabytes}.xml"
            write_varied_copy(arguments.root / FILE, path, megabytes)
            peak = peak_megabytes(arguments.root, path, folder / "l")
            title = f"peak memory, XML of {megabytes} MB → Arrow"
            print(f"{title:<64} {peak:8.0f} MB", flush=True)
            figures[title] = round(peak)
        save(arguments.save, {"text": figures})


if __name__ == "__main__":
    main()
