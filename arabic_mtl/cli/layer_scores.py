"""Scores of the layers that a gold file and a system's file share."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from arabic_mtl.cli.console import console, plain_console
from arabic_mtl.cli.files import OpenFormat
from arabic_mtl.cli.layer_tables import layer_content, layer_table
from arabic_mtl.cli.slice_scores import SliceScores
from arabic_mtl.errors import InputError
from arabic_mtl.formats import Format, Notices
from arabic_mtl.scoring import Layer, LayerComparison, pair_examples

_SUFFIX = re.compile(r"_predicted(_\d+)?$")
"""Matches what `predict` adds to the name of a column that the input has."""


class ScoredFile(NamedTuple):
    """A file, and the format to read it with."""

    path: Path
    opened: OpenFormat


def score_layers(
    gold: ScoredFile,
    system: ScoredFile,
    names: Mapping[str, str] | None,
    *,
    slices: Sequence[str] = (),
    scored: Sequence[str] = (),
) -> dict[str, object]:
    """Prints a table for each layer that both files have, and for each of its slices.

    Args:
        gold: The file with the gold layers.
        system: The file with the system's layers.
        names: Gold layer to the system's layer, for each layer to score; None for all layers,
            with the same names in both files.
        slices: The columns of the gold file by whose values scores are divided.
        scored: The labels whose macro-F1 is shown, too.

    Returns:
        All scores and counts, as JSON values.

    Raises:
        InputError: If a file breaks a rule of its format, their texts differ, or they share no
            layer.
    """
    compare = names, _predicted_layers(system.opened.format)
    comparison = LayerComparison(*compare)
    divided = SliceScores(gold.opened.format, gold.path, slices, compare)
    notices = Notices(gold.path), Notices(system.path)
    expected = gold.opened.format.scan(gold.path, notices[0])
    predicted = system.opened.format.scan(system.path, notices[1])
    for pair in pair_examples(expected, predicted, system.path):
        comparison.add(pair)
        divided.add(pair)
    _require_shared(comparison, names, system.path)
    _require_labels(comparison, scored)
    for item in comparison.shared:
        console().print(layer_table(item, f"{system.path.name} against {gold.path.name}", scored))
    for table in divided.tables(scored):
        console().print(table)
    left_out = _left_out(comparison) if names is None else {}
    _print_left_out(comparison, left_out)
    for source, own in zip((gold, system), notices, strict=True):
        _print_reading(source, own)
    contents = [
        layer_content(item, comparison.unlabelled(item), scored) for item in comparison.shared
    ]
    by_slice = {"slices": divided.content(scored)} if slices else {}
    return {"layers": contents, "left_out": left_out, **by_slice}


def _predicted_layers(form: Format) -> dict[str, str]:
    """Returns the layers that an annotated table has twice, with the name of the predictions.

    A table keeps the columns of the input, also the gold labels. If these have the name of a
    task, its predictions have a suffix, and the gold labels must not be scored against themselves.
    """
    layers = frozenset() if form.layers is None else form.layers.labels | form.layers.spans
    names = sorted(layers, key=lambda name: (len(name), name))  # the last suffix is the longest
    suffixed = ((name, _SUFFIX.sub("", name)) for name in names)
    return {original: name for name, original in suffixed if original != name and original in names}


def _require_shared(
    comparison: LayerComparison, names: Mapping[str, str] | None, path: Path
) -> None:
    """Raises `InputError` if the files share no layer, or not each of the named layers."""
    shared = {item.gold.name for item in comparison.shared}
    lacking = {name for name in names or {} if name not in shared}
    if lacking or not shared:
        gold, system = _listed(comparison.gold_layers), _listed(comparison.system_layers)
        raise InputError(
            "the layers to score must be in both files, and be spans or labels in both",
            found=f"{gold} in the gold file, {system} in the system's",
            expected="--layer GOLD=SYSTEM, with the name of a layer in each file",
            file=path,
        )


def _require_labels(comparison: LayerComparison, scored: Sequence[str]) -> None:
    """Raises `InputError` if a label to score is in none of the layers."""
    known = {label for item in comparison.shared for label in item.counts.labels}
    if unknown := [label for label in scored if label not in known]:
        raise InputError(
            "--scored must name labels of the layers that are scored",
            found=", ".join(unknown),
            expected=f"some of {', '.join(sorted(known))}",
        )


def _listed(layers: Sequence[Layer]) -> str:
    return ", ".join(sorted(map(str, layers))) or "no layer"


def _left_out(comparison: LayerComparison) -> dict[str, str]:
    """Returns the layers that only one of the files has, with the reason why they do not count."""
    scored = {item.system for item in comparison.shared}
    gold, system = set(comparison.gold_layers), set(comparison.system_layers) - scored
    system |= {item.gold for item in comparison.shared}
    reasons = {
        **dict.fromkeys(gold - system, "only the gold file has this layer"),
        **dict.fromkeys(system - gold, "only the system's file has this layer"),
    }
    return {str(layer): reasons[layer] for layer in sorted(reasons)}


def _print_left_out(comparison: LayerComparison, left_out: Mapping[str, str]) -> None:
    """Prints the layers and texts that are not scored, and texts without predictions."""
    shown = plain_console()
    for layer, reason in left_out.items():
        shown.print(f"{layer} is not scored: {reason}")
    for item in comparison.shared:
        if item.missing:
            number = f"{item.missing:,} of {item.counts.texts:,}"
            shown.print(f"{item.gold}: texts for which the system predicts nothing: {number}")
        if unlabelled := comparison.unlabelled(item):
            shown.print(f"{item.gold}: texts without gold, not scored: {unlabelled:,}")


def _print_reading(source: ScoredFile, notices: Notices) -> None:
    """Prints the format that a file was read with, what is uncertain, and what was tolerated."""
    shown = plain_console()
    shown.print(f"{source.path.name} is read as {source.opened}")
    for doubt in source.opened.doubts:
        shown.print(f"  uncertain: {doubt}")
    for notice in notices:
        line = "" if notice.line is None else f"; the first in line {notice.line}"
        shown.print(f"  {notice.number:,} times: {notice.rule}{line}")
