"""Corpora from the names and the content of files."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from arabic_mtl.errors import InputError
from arabic_mtl.formats import Format, Notice, Notices, Split
from arabic_mtl.formats.facts import Facts
from arabic_mtl.formats.folders import files_in, visible_files
from arabic_mtl.formats.recognition import recognize

_SPLITS: Mapping[str, Split] = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("dev", "devel", "val", "valid", "validation"), "validation"),
    **dict.fromkeys(("test", "testing", "eval"), "test"),
}
"""Word in the name of a file to the split that it stands for."""

_EMPTY_WORDS = {"data", "dataset", "corpus", "file", "all", "gold", "set"}
"""Words in the names of files that do not distinguish corpora."""


@dataclass(frozen=True)
class DraftFile:
    """A file with its recognized format and its facts.

    Args:
        path: The file, as the user has named it.
        form: The format with its options.
        options: The options that are not at their defaults.
        doubts: A sentence about each uncertain option.
        facts: The layers and labels of the file.
        notices: The irregularities that were tolerated.
    """

    path: Path
    form: Format
    options: Mapping[str, Any]
    doubts: Sequence[str]
    facts: Facts
    notices: Sequence[Notice]

    @property
    def words(self) -> list[str]:
        """Returns the words of the file's name, in lower case, without its endings."""
        return [word for word in re.split(r"[\W_]+", self.path.name.split(".")[0].lower()) if word]

    @property
    def split(self) -> Split | None:
        """Returns the split that the file's name stands for, if any."""
        return _split(self.path)

    @property
    def is_labelled(self) -> bool:
        """Returns whether any text has an annotation."""
        layers = [*self.facts.labels.values(), *self.facts.spans.values()]
        return any(layer.labels for layer in layers)


@dataclass
class DraftCorpus:
    """A corpus: a format with its options, and files for its splits.

    Args:
        name: The name of the corpus.
        files: Split to its files, the training files first.
    """

    name: str
    files: dict[Split, list[DraftFile]] = field(default_factory=dict)

    @property
    def first(self) -> DraftFile:
        """Returns the first training file, whose options are those of the corpus."""
        return self.files["train"][0]


def draft_corpora(paths: Iterable[Path]) -> tuple[list[DraftCorpus], list[DraftFile]]:
    """Returns corpora that files can be, and the files that have no annotations.

    A validation or test file joins the training file whose name is most similar, if it can be
    read with the same options. Every other file begins a corpus of its own.

    Args:
        paths: The files, or folders of files.

    Raises:
        InputError: If the format of a file is not recognized, a file breaks a rule of its format,
            or no file has annotations.
    """
    files = [file for path in paths for file in _read(path)]
    labelled = [file for file in files if file.is_labelled]
    if not labelled:
        raise InputError(
            "a file to train on must have annotations",
            found=", ".join(str(file.path) for file in files),
            expected="at least one file with labels or spans; `predict` annotates the others",
        )
    trained = [file for file in labelled if file.split in (None, "train")] or labelled[:1]
    corpora = [DraftCorpus("", {"train": [file]}) for file in trained]
    for file in labelled:
        if file not in trained:
            _join(file, corpora)
    for corpus in corpora:
        known: tuple[Split, ...] = ("train", "validation", "test")
        corpus.files = {split: corpus.files[split] for split in known if split in corpus.files}
    _name(corpora)
    return corpora, [file for file in files if not file.is_labelled]


def _read(path: Path) -> list[DraftFile]:
    """Returns a file; or the files of a folder, as one if their names do not tell splits apart."""
    if not path.is_dir():
        return [read_file(path)]
    inner = visible_files(path)
    if not any(_split(file) for file in inner):
        return [read_file(path)]
    return [read_file(file) for file in inner if file.suffix or _split(file)]


def read_file(path: Path, form: Format | None = None) -> DraftFile:
    """Returns a file with its facts; or a folder, whose files are read as one.

    Args:
        path: The file or folder.
        form: The format to read it with; recognized by default.

    Raises:
        InputError: If the format is not recognized, or the file breaks one of its rules.
    """
    doubts: Sequence[str] = ()
    options: Mapping[str, Any] = {}
    if form is None:
        inner = visible_files(path) if path.is_dir() else [path]
        recognized = recognize(inner[0] if inner else path)
        options, doubts = recognized.guess.options, recognized.guess.doubts
        kind: Callable[..., Format] = recognized.kind
        form = kind(**options)
    facts, notices = Facts(), Notices(path)
    for file in files_in(path, form.suffixes, "FILE") if path.is_dir() else [path]:
        for example in form.scan(file, notices):
            facts.add(example)
    return DraftFile(path, form, options, doubts, facts, list(notices))


def _split(path: Path) -> Split | None:
    """Returns the split that a file's name stands for, if any."""
    words = re.split(r"[\W_]+", path.name.lower())
    return next((_SPLITS[word] for word in words if word in _SPLITS), None)


def _join(file: DraftFile, corpora: list[DraftCorpus]) -> None:
    """Adds a validation or test file to the corpus that it belongs to, or begins a new one."""
    likely = [corpus for corpus in corpora if type(corpus.first.form) is type(file.form)]
    likely.sort(key=lambda corpus: _similarity(corpus.first, file), reverse=True)
    for corpus in likely:
        try:
            same = read_file(file.path, corpus.first.form)
        except InputError:
            continue
        if same.is_labelled and file.split is not None:
            corpus.files.setdefault(file.split, []).append(same)
            return
    corpora.append(DraftCorpus("", {"train": [file]}))


def _similarity(one: DraftFile, other: DraftFile) -> tuple[bool, int]:
    """Returns whether two files are in one folder, and how many words their names share."""
    return one.path.parent == other.path.parent, len({*one.words} & {*other.words})


def _name(corpora: Iterable[DraftCorpus]) -> None:
    """Gives each corpus a name of its own, from the names of its file and folder."""
    known: set[str] = set()
    for corpus in corpora:
        file = corpus.first
        words = [w for w in file.words if w not in _SPLITS and w not in _EMPTY_WORDS]
        folder = re.sub(r"\W+", "_", file.path.absolute().parent.name.lower())
        base = "_".join(words) or folder.strip("_") or "texts"
        name = next(
            name
            for name in (base, *(f"{base}_{number}" for number in range(2, len(known) + 3)))
            if name not in known
        )
        known.add(name)
        corpus.name = name
