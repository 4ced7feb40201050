"""How many sentences a trained model annotates in a second on one core.

    OMP_NUM_THREADS=1 python benchmarks/annotate.py RUN/checkpoints/best.ckpt [--xml FILE]

From raw text to decoded answers of all tasks: cleaning, tokens, one encoder pass, heads, decoding,
in batches of texts of like length. What is done once, such as loading, is left out. CPU time,
median of five rounds.
"""

import argparse
import time
from pathlib import Path
from statistics import median

import torch

from arabic_mtl.cli.checkpoint import with_run
from arabic_mtl.cli.inspect import Inspection
from arabic_mtl.cli.main import be_quiet
from arabic_mtl.data import MultiTaskData
from arabic_mtl.model import MultiTaskModule
from arabic_mtl.tasks.batch import Part, unite
from arabic_mtl.text.encoding import FIELDS

ROUNDS = 5


def annotate(model: MultiTaskModule, data: MultiTaskData, texts: list[str], rows: int) -> int:
    """Annotates texts, shortest first; gives the number of answers of the first task."""
    (corpus,) = data.store.corpora
    encodings = sorted(data.text.encode(texts, [None] * len(texts)), key=len)
    answers = 0
    for start in range(0, len(encodings), rows):
        of_batch = encodings[start : start + rows]
        columns = {name: [getattr(each, name) for each in of_batch] for name in FIELDS}
        columns |= {"number": list(range(len(of_batch)))}
        columns |= {f"task_{name}": [None] * len(of_batch) for name in data.tasks}
        batch = unite({corpus: Part(columns)}, data.tasks, data.text.pad_id)
        (prediction,) = model.predict_step(batch, 0)
        answers += sum(map(len, next(iter(prediction.answers.values()))))
    return answers


def main() -> None:
    """Measures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", help="best.ckpt of a run on one corpus")
    parser.add_argument("--xml", type=Path, help="texts; by default the run's training texts")
    parser.add_argument("--rows", type=int, default=64, help="texts in a batch")
    arguments = parser.parse_args()
    be_quiet()
    torch.set_num_threads(1)
    _, *options = with_run(["inspect", f"--ckpt_path={arguments.checkpoint}"])
    made = Inspection(options)
    data, model = made.datamodule, made.model
    data.store.load_text()
    model.configure_model()
    checkpoint = torch.load(arguments.checkpoint, map_location="cpu", weights_only=True)
    model.load_state_dict(checkpoint["state_dict"])
    model.eval()
    ((name, corpus),) = data.store.corpora.items()
    source = arguments.xml or data.store.source(name, "train")
    texts = [example.text for example in corpus.parse(source)]
    seconds = []
    with torch.inference_mode():
        annotate(model, data, texts, arguments.rows)
        for _ in range(ROUNDS):
            start = time.process_time()
            answers = annotate(model, data, texts, arguments.rows)
            seconds.append(time.process_time() - start)
    rate = len(texts) / median(seconds)
    print(f"{len(texts)} texts, {answers} answers of {next(iter(data.tasks))}: {rate:.0f} texts/s")


if __name__ == "__main__":
    main()
