"""The annotation speed of a trained model on one core, in sentences per second.

    OMP_NUM_THREADS=1 python benchmarks/annotate.py RUN [--xml FILE] [--backend onnx]

Measures everything from raw text to the annotations of all tasks: cleaning, tokenization, one
encoder pass, heads and decoding, in batches of texts with similar lengths. Loading the model is not
measured. The figure is the median CPU time of five rounds.
"""

import argparse
import gc
import time
from pathlib import Path
from statistics import median

from saving import add_save_option, save

import arabic_mtl
from arabic_mtl.formats import SemEval2016

ROUNDS = 5


def main() -> None:
    """Measures and prints the annotation speed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, help="a run, a checkpoint or an exported folder")
    parser.add_argument(
        "--xml", type=Path, default=Path("arabic_mtl/sample/train.xml"), help="file with the texts"
    )
    parser.add_argument("--rows", type=int, default=64, help="texts per batch")
    parser.add_argument(
        "--backend", choices=["torch", "onnx"], default="torch", help="the inference runtime"
    )
    add_save_option(parser)
    arguments = parser.parse_args()
    annotator = arabic_mtl.load(arguments.model, backend=arguments.backend)
    texts = [example.text for example in SemEval2016().read(arguments.xml)]
    annotator(texts, arguments.rows)
    gc.freeze()  # as the command `predict` does
    seconds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        spans = sum(len(annotation.spans) for annotation in annotator(texts, arguments.rows))
        seconds.append(time.process_time() - start)
    rate = len(texts) / median(seconds)
    print(f"{len(texts)} texts, {spans} spans: {rate:.0f} texts/s")
    name = arguments.model.resolve().parent.name
    save(arguments.save, {name: {arguments.backend: round(rate)}})


if __name__ == "__main__":
    main()
