"""``baseline``: linear models for the tasks of a configuration, without a network."""

from arabic_mtl.cli.commands import Commands
from arabic_mtl.cli.console import print_facts
from arabic_mtl.cli.report import print_columns
from arabic_mtl.errors import program

_HELP = """\
Learns the tasks of a configuration without a network, as a baseline for every network.

  {program} baseline --config configs/quickstart.yaml
  {program} baseline --config configs/hotels.yaml --data.root=FOLDER

Corpora, splits, text pipeline and metrics are those of `{program} fit` with the same options.
Labels of spans and texts are learned by linear SVMs over TF-IDF of words and letters, spans by a
CRF over words. There is nothing to configure: hyperparameters are chosen by cross-validation over
the training texts. The seed has no effect.

It prints a table next to the majority baseline, and writes to runs/CONFIG/baseline/, in place of
the files of an earlier call:
  metrics.json              the scores, in the format of `{program} fit`
  answers-validation.jsonl  the predictions for each text, with gold labels and probabilities
  answers-test.jsonl        the same for the test split, if there is one

It needs scikit-learn and sklearn-crfsuite: pip install 'arabic-mtl[baseline]'.
All keys of a configuration, with their meaning: {program} fit --help
"""


def baseline(arguments: list[str]) -> None:
    """Runs the command.

    Args:
        arguments: The arguments after ``baseline``.

    Raises:
        InputError: If the packages are not installed, or no task can be learned.
    """
    if {"-h", "--help"} & set(arguments):
        print(_HELP.format(program=program()))
        return
    commands = Commands(arguments, run=False, prog=f"{program()} baseline")
    data = commands.datamodule
    data.prepare_data()
    data.setup()
    from arabic_mtl.baselines.linear.run import learn_and_score  # an extra of the installation

    record = learn_and_score(data, commands.runs / "baseline", print_facts)
    columns: dict[str, dict[str, float]] = {}
    for split, scores in record.scores.items():
        columns |= {f"{split} majority": record.majority[split], split: scores}
    print_columns("Linear baseline beside the majority baseline", data, columns)
    print_facts({"CPU seconds": f"{record.cpu_seconds:.1f}, learning and scoring"})
    print_facts({"written to": str(commands.runs / "baseline")})
