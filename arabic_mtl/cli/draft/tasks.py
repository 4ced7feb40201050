"""Tasks from the annotation layers of corpora."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from arabic_mtl.cli.draft.corpora import DraftCorpus
from arabic_mtl.cli.draft.yaml import Noted
from arabic_mtl.formats.facts import LayerFacts
from arabic_mtl.scoring import POLARITIES

METRICS = {
    "SequenceClassification": "macro_f1",
    "MultiLabelClassification": "micro_f1",
    "TokenClassification": "f1",
    "SpanClassification": "macro_f1",
}
"""Kind of task to its main metric, as the class has it; the classes cannot be imported fast."""

TAKEN = {
    *("encoder", "id", "spans", "text", "apply", "buffers", "children", "clear", "compile", "cpu"),
    *("cuda", "double", "eval", "float", "forward", "half", "items", "keys", "modules", "pop"),
    *("parameters", "to", "train", "training", "type", "update", "values"),
}
"""Plausible names of layers that no task can have (`arabic_mtl.data.check`)."""

_OPINIONS = {"polarity", "aspect", "entity", "category"}
"""The span layers of a format with opinions."""

_MANY = 100  # labels beyond which a layer is unlikely to be one of labels


@dataclass
class DraftTask:
    """A task: its kind, its options in the order of the file, and doubts.

    Args:
        name: The name of the task.
        kind: The name of its class in `arabic_mtl.tasks`.
        options: The options besides the labels.
        labels: The labels with their numbers.
        doubts: A sentence about each uncertain choice.
    """

    name: str
    kind: str
    options: dict[str, object]
    labels: Mapping[str, int]
    doubts: list[str] = field(default_factory=list)

    def as_yaml(self) -> Noted:
        """Returns the task as a value of ``data.tasks``."""
        labels = [Noted(label, f"{count:,}") for label, count in self.labels.items()]
        options = {**self.options, "labels": labels}
        kind = Noted(f"arabic_mtl.tasks.{self.kind}", f"main metric: {METRICS[self.kind]}")
        return Noted({"class_path": kind, "init_args": options}, above=self.doubts)


def draft_tasks(corpora: Iterable[DraftCorpus]) -> list[DraftTask]:
    """Returns a task for each layer of each corpus; for opinions, three tasks together."""
    tasks: list[DraftTask] = []
    for corpus in corpora:
        own = list(_corpus_tasks(corpus))
        names: dict[str, str] = {}
        for task in own:
            used = {*names.values(), *(other.name for other in tasks)}
            name = _name(task.name, corpus.name, used)
            names.setdefault(task.name, name)
            task.name = name
        for task in own:
            task.options = _with_names(task.options, names)
        tasks += own
    return tasks


def _with_names(options: Mapping[str, object], names: Mapping[str, str]) -> dict[str, object]:
    """Returns options in which the names of other tasks are replaced."""
    return {
        option: _with_names(value, names)
        if isinstance(value, Mapping)
        else names[str(value)]
        if option in ("spans_from", "predicted_by")
        else value
        for option, value in options.items()
    }


def _corpus_tasks(corpus: DraftCorpus) -> Iterator[DraftTask]:
    """Yields the tasks of a corpus."""
    labels, spans = _merged(corpus, "labels"), _merged(corpus, "spans")
    if spans.keys() >= _OPINIONS:
        yield from _opinion_tasks(corpus, labels, spans)
        return
    is_target = corpus.first.form.pair_is == "target"  # with the categories as second texts
    for layer, facts in labels.items():
        if layer == "polarity" or not is_target:
            yield _label_task(corpus, layer, facts)
    levels = _deeper_levels(spans)
    taggers = [layer for layer, facts in spans.items() if not facts.null and layer not in levels]
    for layer, facts in spans.items():
        if layer not in levels:
            yield _span_task(corpus, layer, facts, taggers, levels)


def _label_task(corpus: DraftCorpus, layer: str, facts: LayerFacts) -> DraftTask:
    """Returns the task of a layer of labels."""
    kind = "SequenceClassification" if _is_single(facts) else "MultiLabelClassification"
    doubts = []
    if len(facts.labels) > _MANY:
        doubts.append(f"{len(facts.labels):,} labels: is {layer} no label, but an id or a text?")
    return DraftTask(layer, kind, _read(corpus, layer), _counts(facts), doubts)


def _span_task(
    corpus: DraftCorpus,
    layer: str,
    facts: LayerFacts,
    taggers: Sequence[str],
    levels: Sequence[str],
) -> DraftTask:
    """Returns the task of a layer of spans."""
    if facts.null:
        options = {**_read(corpus, layer), **({"spans_from": taggers[0]} if taggers else {})}
        doubts = ["spans of the whole text (NULL) cannot be tagged, but classified"]
        return DraftTask(layer, "SpanClassification", options, _counts(facts), doubts)
    options, doubts = _read(corpus, layer), []
    if facts.overlapping:
        options["overlaps"] = "outermost"
        doubts.append(
            f"{facts.overlapping:,} spans overlap: the outermost are learned; "
            "or `overlaps: innermost`, or first"
        )
    if deeper := [level for level in levels if level.startswith(f"{layer}_")]:
        doubts.append(
            f"nested spans are in the layers {', '.join(deeper)}: learn each by a task of its own"
        )
    return DraftTask(layer, "TokenClassification", options, _counts(facts), doubts)


def _opinion_tasks(
    corpus: DraftCorpus, labels: Mapping[str, LayerFacts], spans: Mapping[str, LayerFacts]
) -> Iterator[DraftTask]:
    """Yields the tasks that together find opinions: sentiment, targets and categories."""
    categories = _counts(labels["category"])
    condition = {
        "layer": "aspect",
        "predicted_by": "category",
        "labels": [Noted(label) for label in categories],
    }
    sentiment = {**_read(corpus, "polarity"), "spans_from": "ner", "condition": condition}
    polarities = _counts(spans["polarity"])
    doubts = [
        f"{polarity} ({number:,} ×) is no polarity of SemEval; `rename: {{polarity: "
        f"{{{polarity}: …}}}}` of the corpus corrects it"
        for polarity, number in polarities.items()
        if polarity not in POLARITIES
    ]
    yield DraftTask("sentiment", "SpanClassification", sentiment, polarities, doubts)
    yield DraftTask("ner", "TokenClassification", _read(corpus, "entity"), _counts(spans["entity"]))
    evidence = {**_read(corpus, "category"), "evidence": "category"}
    yield DraftTask("category", "MultiLabelClassification", evidence, categories)


def _merged(corpus: DraftCorpus, kind: str) -> dict[str, LayerFacts]:
    """Returns the layers of a kind that the training files have, with labels of all files."""
    merged: dict[str, LayerFacts] = {}
    for split, files in corpus.files.items():
        for layer, facts in (item for f in files for item in getattr(f.facts, kind).items()):
            if split == "train" or layer in merged:
                merged.setdefault(layer, LayerFacts()).merge(facts)
    return {layer: facts for layer, facts in merged.items() if facts.labels}


def _is_single(facts: LayerFacts) -> bool:
    """Returns whether each labelled text has exactly one label."""
    return facts.most == 1 and not facts.empty


def _deeper_levels(layers: Iterable[str]) -> list[str]:
    """Returns the layers of nested spans: ``ner_2`` beside ``ner``, and so on."""
    known = set(layers)
    return [layer for layer in known if (m := re.fullmatch(r"(.+)_\d+", layer)) and m[1] in known]


def _counts(facts: LayerFacts) -> dict[str, int]:
    """Returns label to number, the most frequent label first."""
    return dict(Counter({label: own.count for label, own in facts.labels.items()}).most_common())


def _read(corpus: DraftCorpus, layer: str) -> dict[str, object]:
    """Returns the options with which a task reads a layer."""
    return {"corpus": corpus.name, "layer": layer}


def _name(layer: str, corpus: str, known: set[str]) -> str:
    """Returns a name for a task that no other task has."""
    name = re.sub(r"\W+", "_", layer).strip("_") or "labels"
    name = f"_{name}" if name[0].isdigit() else name
    names = (name, f"{corpus}_{name}", *(f"{name}_{number}" for number in range(2, 99)))
    return next(each for each in names if each not in known and each not in TAKEN)
