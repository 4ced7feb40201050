"""The cost of preparing a corpus, from XML to encoded tables, with and without a cache.

    OMP_NUM_THREADS=1 python benchmarks/prepare.py --root FOLDER [--config FILE] [--copies N]

One process prepares the corpus with an empty cache (cold), another with the filled cache (warm).
With N copies the training file is repeated N times, with the words of each sentence shuffled. The
figures are CPU seconds on one core, and the peak memory beyond what the imports take.
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
from saving import add_save_option, save

NAME = "AR_Hotels_Train_SB1.xml"


def write_copies(source: Path, target: Path, copies: int) -> None:
    """Writes a file with repeated reviews, which have different ids and word orders."""
    order = random.Random(0)
    with etree.xmlfile(str(target), encoding="utf-8") as file, file.element("Reviews"):
        for copy in range(copies):
            for review in etree.parse(source).getroot():
                review.set("rid", f"{copy}-{review.get('rid')}")
                for sentence in review.iter("sentence"):
                    sentence.set("id", f"{copy}-{sentence.get('id')}")
                    if copy:
                        shuffle(sentence, order)
                file.write(review)


def shuffle(sentence: etree._Element, order: random.Random) -> None:
    """Shuffles the words of a sentence, and replaces the targets of its opinions by NULL."""
    text = sentence.find("text")
    assert text is not None
    words = (text.text or "").split()
    order.shuffle(words)
    text.text = " ".join(words)
    for opinion in sentence.iter("Opinion"):
        opinion.attrib.update({"target": "NULL", "from": "0", "to": "0"})


def prepare(config: str, root: Path, cache: Path) -> None:
    """Prepares a corpus; prints the CPU seconds, the additional MB and the number of rows."""
    from arabic_mtl.cli.commands import Commands
    from arabic_mtl.cli.quiet import be_quiet

    be_quiet()
    options = ["--config", config, f"--data.root={root}", f"--data.cache={cache}"]
    data = Commands(options, run=False).datamodule
    gc.freeze()  # as the command line does
    initial = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    data.prepare_data()
    data.setup("fit")
    seconds = time.process_time() - start
    additional = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - initial
    rows = sum(len(table) for split in data.tables.values() for table in split.values())
    print(seconds, additional / 1024, rows)


def measure(config: str, root: Path, cache: Path) -> tuple[float, float, int]:
    """Runs `prepare` in a new process; returns CPU seconds, additional MB and number of rows."""
    command = [sys.executable, __file__, "--in-process", config, str(root), str(cache)]
    words = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return float(words[-3]), float(words[-2]), int(words[-1])


def main() -> None:
    """Measures and prints the cost for each number of copies."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, required=True, help="folder of the XML files")
    parser.add_argument("--config", default="configs/hotels.yaml", help="configuration file")
    parser.add_argument(
        "--copies", type=int, nargs="*", default=[1, 10], help="repetitions of the training file"
    )
    add_save_option(parser)
    arguments = parser.parse_args()
    figures = {}
    print("copies      MB    rows   cold s   MB/s   more MB   warm s   more MB")
    for copies in arguments.copies:
        with tempfile.TemporaryDirectory() as folder:
            root, cache = Path(folder) / "xml", Path(folder) / "cache"
            root.mkdir()
            write_copies(arguments.root / NAME, root / NAME, copies)
            size = (root / NAME).stat().st_size / 1e6
            cold, cold_memory, rows = measure(arguments.config, root, cache)
            warm, warm_memory, _ = measure(arguments.config, root, cache)
        print(
            f"{copies:6} {size:7.1f} {rows:7} {cold:8.2f} {size / cold:6.1f} {cold_memory:9.0f} "
            f"{warm:8.2f} {warm_memory:9.0f}",
            flush=True,
        )
        figures[str(copies)] = {
            "MB": round(size, 1),
            "rows": rows,
            "cold seconds": round(cold, 2),
            "MB per second": round(size / cold, 1),
            "cold MB of memory": round(cold_memory),
            "warm seconds": round(warm, 2),
            "warm MB of memory": round(warm_memory),
        }
    save(arguments.save, figures)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--in-process"]:
        prepare(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
    else:
        main()
