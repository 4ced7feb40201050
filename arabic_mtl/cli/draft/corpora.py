"""Corpora from the names and the content of files."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path
from typing import Any

from arabic_mtl.cli.draft.files import (
    FEW,
    SPLITS,
    DraftFile,
    LeftOut,
    Wanted,
    inner_files,
    read_file,
    read_files,
)
from arabic_mtl.documents import OWN_GROUP
from arabic_mtl.errors import InputError, program
from arabic_mtl.formats import Conll, Notices, Split

_EMPTY_WORDS = {"data", "dataset", "corpus", "file", "all", "gold", "set"}
"""Words in the names of files that do not distinguish corpora."""


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


def draft_corpora(paths: Iterable[Path], wanted: Wanted) -> tuple[list[DraftCorpus], list[LeftOut]]:
    """Returns corpora that files can be, and the files that are left out.

    A validation or test file joins the training file whose name is most similar, if it can be
    read with the same options; else it is left out. Every other file begins a corpus of its own.

    Args:
        paths: The files, or folders of files.
        wanted: The format of all files, as far as the user has named it.

    Raises:
        InputError: If the format of a file is not recognized, a file breaks a rule of its format,
            or no file has annotations.
    """
    read = [file for path in paths for file in read_files(path, wanted)]
    files = [file for file in read if isinstance(file, DraftFile)]
    left_out = [file for file in read if isinstance(file, LeftOut)]
    bare = f"without annotations; `{program()} predict` adds them"
    left_out += [LeftOut(file.path, bare) for file in files if not file.is_labelled]
    labelled = _require_labelled(files)
    trained = [file for file in labelled if file.split in (None, "train")]
    trained = trained or [_doubted(labelled[0], left_out)]
    corpora = [DraftCorpus("", {"train": [file]}) for file in trained]
    for file in labelled:
        if file.split not in (None, "train") and file.path != trained[0].path:
            left_out += _join(file, corpora)
    known: tuple[Split, ...] = ("train", "validation", "test")
    for corpus in corpora:
        corpus.files = {split: corpus.files[split] for split in known if split in corpus.files}
        if not {"group", "documents"} & wanted.options.keys():
            _leave_out_group(corpus)
    _name(corpora)
    return corpora, left_out


def _require_labelled(files: Sequence[DraftFile]) -> list[DraftFile]:
    """Returns the files with annotations; raises `InputError` if there is none."""
    if labelled := [file for file in files if file.is_labelled]:
        return labelled
    raise InputError(
        "a file to train on must have annotations",
        found=", ".join(str(file.path) for file in files),
        expected="at least one file with labels or spans; `predict` annotates the others",
    )


def _doubted(file: DraftFile, left_out: Sequence[LeftOut]) -> DraftFile:
    """Returns a validation or test file to train on, with a doubt.

    Raises:
        InputError: If another file is left out, which may be the one to train on.
    """
    if left_out:
        raise InputError(
            "one of several files must be a training file",
            found="; ".join(f"{other.path}: {other.reason}" for other in left_out),
            expected=f"a file that can be read and has annotations, or {file.path} alone",
        )
    doubt = f"{file.path.name} is named like a {file.split} file, but is trained on"
    return replace(file, doubts=[*file.doubts, doubt])


def _join(file: DraftFile, corpora: Iterable[DraftCorpus]) -> list[LeftOut]:
    """Adds a validation or test file to its corpus; returns it if no training file fits."""
    likely = [corpus for corpus in corpora if type(corpus.first.form) is type(file.form)]
    likely.sort(key=lambda corpus: _similarity(corpus.first, file), reverse=True)
    reasons = list[str]()
    for corpus in likely:
        try:
            same = read_file(file.path, form=corpus.first.form)
        except InputError as error:
            line = f" (line {error.line})" if error.line else ""
            reasons.append(f"{error.rule}{line}")
            continue
        if same.is_labelled and file.split is not None:
            corpus.files.setdefault(file.split, []).append(same)
            return []
        reasons.append(f"a {file.split} file must have layers of {corpus.first.path.name}")
    reasons.append(f"a {file.split} file must have the format of a training file")
    return [LeftOut(file.path, reasons[0])]


def _leave_out_group(corpus: DraftCorpus) -> None:
    """Leaves out the groups of a corpus whose splits share them, or that are too few to divide."""
    first = corpus.first
    key = "documents" if isinstance(first.form, Conll) else "group"
    names = getattr(first.form, key, None)
    if names in (None, "none"):
        return
    shown = ", ".join(f"`{name}`" for name in ([names] if isinstance(names, str) else names))
    if reason := _reason(corpus, shown):
        without: dict[str, Any] = {key: "none" if key == "documents" else None}
        others = {name: value for name, value in first.options.items() if name != key}
        corpus.files["train"][0] = replace(
            first,
            form=replace(first.form, **without),
            options=others | ({key: "none"} if key == "documents" else {}),
            doubts=[
                *(doubt for doubt in first.doubts if f"without `{key}`" not in doubt),
                f"{reason}: `{key}` left out",
            ],
            groups=min(first.facts.texts, FEW),
        )


def _reason(corpus: DraftCorpus, shown: str) -> str:
    """Returns why the groups of a corpus must be left out, or an empty string."""
    first = corpus.first
    is_held_out = "validation" not in corpus.files
    if is_held_out and first.groups < FEW <= first.facts.texts:
        return f"{shown} divides the texts into {first.groups} groups, too few to hold some out"
    if first.form.has_local_groups:
        return ""
    groups = {split: _groups(files) for split, files in corpus.files.items()}
    for one, other in combinations(groups, 2):
        if groups[one] & groups[other]:
            return f"values of {shown} are in {one} and {other}"
    return ""


def _groups(files: Iterable[DraftFile]) -> set[str]:
    """Returns the groups of some files, without those that only equal texts have."""
    return {
        group
        for file in files
        for path in inner_files(file.path, file.form)
        for example in file.form.scan(path, Notices(path))
        for group in (example.group, *example.linked)
        if not group.startswith(OWN_GROUP)
    }


def _similarity(one: DraftFile, other: DraftFile) -> tuple[bool, int]:
    """Returns whether two files are in one folder, and how many words their names share."""
    return one.path.parent == other.path.parent, len({*one.words} & {*other.words})


def _name(corpora: Iterable[DraftCorpus]) -> None:
    """Gives each corpus a name of its own, from the names of its file and folder."""
    known: set[str] = set()
    for corpus in corpora:
        file = corpus.first
        words = [w for w in file.words if w not in SPLITS and w not in _EMPTY_WORDS]
        folder = re.sub(r"\W+", "_", file.path.absolute().parent.name.lower())
        base = "_".join(words) or folder.strip("_") or "texts"
        name = next(
            name
            for name in (base, *(f"{base}_{number}" for number in range(2, len(known) + 3)))
            if name not in known
        )
        known.add(name)
        corpus.name = name
