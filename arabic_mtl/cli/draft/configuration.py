"""A commented configuration for corpora and tasks."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from arabic_mtl.cli.draft.corpora import DraftCorpus
from arabic_mtl.cli.draft.files import FEW, DraftFile, LeftOut
from arabic_mtl.cli.draft.tasks import DraftTask
from arabic_mtl.cli.draft.yaml import Noted, comment_line, write_yaml

_HEAD = """\
# A first configuration for {files}. Please check the corpora, tasks and labels.
#   {program} describe --config {path}
#   {program} fit --config {path}
"""

_ENCODER = [
    "an encoder from scratch, which needs no download; a pretrained one is more accurate:",
    "  encoder:",
    "    class_path: arabic_mtl.model.encoders.TransformerEncoder",
    "    init_args: {name: UBC-NLP/MARBERTv2}",
    "with lr: 5.0e-5, dropout: 0.1 and max_epochs: 5",
]


def draft_configuration(
    corpora: Sequence[DraftCorpus],
    tasks: Sequence[DraftTask],
    left_out: Sequence[LeftOut],
    *,
    path: Path,
    program: str,
) -> str:
    """Returns a configuration in YAML, with comments on what was found and what is uncertain.

    Args:
        corpora: The corpora.
        tasks: The tasks.
        left_out: The files that no corpus has.
        path: The file that the configuration will be written to, for the commands in it.
        program: The name of the program, for the commands in it.
    """
    names = [f.path.name for corpus in corpora for files in corpus.files.values() for f in files]
    shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    head = _HEAD.format(files=comment_line(shown), program=program, path=comment_line(str(path)))
    for file in left_out:
        head += f"# Left out: {comment_line(f'{file.path}: {file.reason}')}\n"
    metrics = "checkpoints are chosen by the mean of the tasks' main metrics on the validation data"
    data: dict[str, object] = {
        "corpora": {corpus.name: _corpus(corpus) for corpus in corpora},
        "tasks": Noted({task.name: task.as_yaml() for task in tasks}, above=[metrics]),
        **_validation(corpora),
    }
    return head + write_yaml({"data": data, **_training()})


def _corpus(corpus: DraftCorpus) -> Noted:
    """Returns a corpus as a value of ``data.corpora``."""
    first = corpus.first
    kind = f"arabic_mtl.formats.{type(first.form).__name__}"
    options: dict[str, object] = {split: _files(files) for split, files in corpus.files.items()}
    options |= first.options
    return Noted({"class_path": kind, "init_args": options}, above=[*_remarks(corpus)])


def _files(files: Sequence[DraftFile]) -> Noted:
    """Returns the files of a split, with their number of texts."""
    texts = sum(file.facts.texts for file in files)
    paths = [file.path.as_posix() for file in files]
    noun = "text" if texts == 1 else "texts"
    return Noted(paths[0] if len(paths) == 1 else paths, f"{texts:,} {noun}")


def _remarks(corpus: DraftCorpus) -> Iterator[str]:
    """Yields what is uncertain about a corpus, and what is irregular in its files."""
    yield from corpus.first.doubts
    for files in corpus.files.values():
        for file in files:
            yield from (f"{file.path.name}: {notice}" for notice in file.notices)


def _validation(corpora: Sequence[DraftCorpus]) -> dict[str, object]:
    """Returns the share of held-out texts, if a corpus has no validation file."""
    if all("validation" in corpus.files for corpus in corpora):
        return {}
    if min(corpus.first.groups for corpus in corpora) < FEW:
        note = "too few texts to hold some out: nothing is validated"
        return {"validation_share": Noted(0, note)}
    note = "a tenth of the training texts is held out; or name a file as `validation`"
    return {"validation_share": Noted(0.1, note)}


def _training() -> dict[str, Any]:
    """Returns the model and the trainer, as in configs/hotels.yaml."""
    encoder = {"class_path": "arabic_mtl.model.encoders.WordEncoder"}
    return {
        "model": {"encoder": Noted(encoder, above=_ENCODER), "lr": 2.0e-3, "dropout": 0.4},
        "trainer": {"gradient_clip_val": 2.0, "max_epochs": 10},
    }
