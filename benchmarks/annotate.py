"""How many sentences a trained model annotates in a second on one core.

    OMP_NUM_THREADS=1 python benchmarks/annotate.py RUN [--xml FILE] [--backend onnx]

From raw text to annotations of all tasks: cleaning, tokens, one encoder pass, heads, decoding, in
batches of texts of like length. What is done once, such as loading, is left out. CPU time, median
of five rounds.
"""

import argparse
import gc
import time
from pathlib import Path
from statistics import median

import arabic_mtl
from arabic_mtl.formats import SemEval2016

ROUNDS = 5


def main() -> None:
    """Measures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, help="a run, a checkpoint or an exported folder")
    parser.add_argument(
        "--xml", type=Path, default=Path("arabic_mtl/sample/train.xml"), help="the texts"
    )
    parser.add_argument("--rows", type=int, default=64, help="texts in a batch")
    parser.add_argument("--backend", choices=["torch", "onnx"], default="torch")
    arguments = parser.parse_args()
    annotator = arabic_mtl.load(arguments.model, backend=arguments.backend)
    texts = [example.text for example in SemEval2016().read(arguments.xml)]
    annotator(texts, arguments.rows)
    gc.freeze()  # as `train.py predict` does
    seconds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        spans = sum(len(found.spans) for found in annotator(texts, arguments.rows))
        seconds.append(time.process_time() - start)
    rate = len(texts) / median(seconds)
    print(f"{len(texts)} texts, {spans} spans: {rate:.0f} texts/s")


if __name__ == "__main__":
    main()
