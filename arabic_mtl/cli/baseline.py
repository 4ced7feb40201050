"""``baseline``: the tasks of a configuration, learned without a network."""

from arabic_mtl.cli.commands import Commands
from arabic_mtl.cli.console import print_facts
from arabic_mtl.cli.report import print_columns

HELP = """\
Learns the tasks of a configuration without a network, for every network to be compared with.

  python train.py baseline --config configs/quickstart.yaml
  python train.py baseline --config configs/hotels.yaml --data.root=FOLDER

The corpora, the splits, the text pipeline and the metrics are those of `train.py fit` with the
same options. What learns are linear SVMs over TF-IDF of words and letters (one label per span or
text, or any number of them) and a CRF over the words (spans). Nothing is to be set: what has to be
chosen is chosen by cross-validation over the training reviews. The seed changes nothing.

It prints a table beside the majority baseline, and writes to runs/CONFIG/baseline/, over what an
earlier call left there:
  metrics.json              its figures, in the form that `train.py fit` leaves
  answers-validation.jsonl  what it says of each text, beside what is right, with probabilities
  answers-test.jsonl        the same, where there is a test file

It needs scikit-learn and sklearn-crfsuite: pip install 'arabic-mtl[baseline]'.
All keys of a configuration, with their meaning: python train.py fit --help
"""


def baseline(arguments: list[str]) -> None:
    """Runs the command.

    Raises:
        InputError: If the packages are not installed, or no task can be learned.
    """
    if {"-h", "--help"} & set(arguments):
        print(HELP)
        return
    made = Commands(arguments, run=False, prog="train.py baseline")
    data = made.datamodule
    data.prepare_data()
    data.setup()
    from arabic_mtl.baselines.linear.run import learn_and_score  # an extra of the installation

    record = learn_and_score(data, made.runs / "baseline", print_facts)
    columns: dict[str, dict[str, float]] = {}
    for split, scores in record.scores.items():
        columns |= {f"{split} majority": record.majority[split], split: scores}
    print_columns("Linear baseline beside the majority baseline", data, columns)
    print_facts({"CPU seconds": f"{record.cpu_seconds:.1f}, learning and scoring"})
    print_facts({"written to": str(made.runs / "baseline")})
