"""What preparing a corpus costs: XML to encoded tables, first and again.

    OMP_NUM_THREADS=1 python benchmarks/prepare.py --root FOLDER [--config FILE] [--copies N]

A process of its own prepares the corpus, cold, and another finds it in the cache. With copies the
training file is written so many times over, its words in another order each time. CPU seconds of
one core, and how much more memory was needed than the imports had taken.
"""

import argparse
import gc
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lxml import etree

NAME = "AR_Hotels_Train_SB1.xml"


def copied(source: Path, target: Path, copies: int) -> None:
    """Writes the reviews of a file so many times over, with ids of their own."""
    order = random.Random(0)
    with etree.xmlfile(str(target), encoding="utf-8") as file, file.element("Reviews"):
        for copy in range(copies):
            for review in etree.parse(source).getroot():
                review.set("rid", f"{copy}-{review.get('rid')}")
                for sentence in review.iter("sentence"):
                    sentence.set("id", f"{copy}-{sentence.get('id')}")
                    if copy:
                        shuffled(sentence, order)
                file.write(review)


def shuffled(sentence: etree._Element, order: random.Random) -> None:
    """Puts the words of a sentence into another order; its opinions become those on the whole."""
    text = sentence.find("text")
    assert text is not None
    words = (text.text or "").split()
    order.shuffle(words)
    text.text = " ".join(words)
    for opinion in sentence.iter("Opinion"):
        opinion.attrib.update({"target": "NULL", "from": "0", "to": "0"})


def prepare(config: str, root: Path, cache: Path) -> None:
    """Prepares, and prints the CPU seconds of that and the memory that it took."""
    from arabic_mtl.cli.commands import Commands
    from arabic_mtl.cli.quiet import be_quiet

    be_quiet()
    options = ["--config", config, f"--data.root={root}", f"--data.cache={cache}"]
    data = Commands(options, run=False).datamodule
    gc.freeze()  # as train.py does
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    data.prepare_data()
    data.setup("fit")
    seconds = time.process_time() - start
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    rows = sum(len(table) for split in data.tables.values() for table in split.values())
    print(seconds, more / 1024, rows)


def measured(config: str, root: Path, cache: Path) -> tuple[float, float, int]:
    """The same in a process of its own."""
    command = [sys.executable, __file__, "--in-process", config, str(root), str(cache)]
    words = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return float(words[-3]), float(words[-2]), int(words[-1])


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, required=True, help="the folder of the XML")
    parser.add_argument("--config", default="configs/hotels.yaml")
    parser.add_argument("--copies", type=int, nargs="*", default=[1, 10])
    arguments = parser.parse_args()
    print("copies      MB    rows   cold s   MB/s   more MB   warm s   more MB")
    for copies in arguments.copies:
        with tempfile.TemporaryDirectory() as folder:
            root, cache = Path(folder) / "xml", Path(folder) / "cache"
            root.mkdir()
            copied(arguments.root / NAME, root / NAME, copies)
            size = (root / NAME).stat().st_size / 1e6
            cold, more, rows = measured(arguments.config, root, cache)
            warm, again, _ = measured(arguments.config, root, cache)
        print(
            f"{copies:6} {size:7.1f} {rows:7} {cold:8.2f} {size / cold:6.1f} {more:9.0f} "
            f"{warm:8.2f} {again:9.0f}",
            flush=True,
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--in-process"]:
        prepare(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
    else:
        main()
