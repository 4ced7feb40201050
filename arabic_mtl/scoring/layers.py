"""Scores of the annotation layers that gold examples and a system's examples share."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from arabic_mtl.documents import Example
from arabic_mtl.scoring.counts import LabelCounts
from arabic_mtl.scoring.entities import EntityCounts
from arabic_mtl.scoring.labels import TextLabelCounts
from arabic_mtl.scoring.pairs import ExamplePair

Kind = Literal["spans", "labels"]

_COUNTS: dict[Kind, type[LabelCounts]] = {"spans": EntityCounts, "labels": TextLabelCounts}


class Layer(NamedTuple):
    """A layer of annotations.

    Args:
        kind: The attribute of an `Example` that holds it.
        name: Its name.
    """

    kind: Kind
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


@dataclass
class LayerCounts:
    """The comparison of a gold layer with a layer of the system.

    Args:
        gold: The gold layer.
        system: The layer of the system, of the same kind.
        counts: The counts over all texts that have the gold layer.
        missing: The number of these texts on which the system lacks the layer: nothing is
            predicted there.
    """

    gold: Layer
    system: Layer
    counts: LabelCounts
    missing: int = 0


class LayerComparison:
    """The comparison of the layers of gold examples with the layers of a system's examples.

    A text without a gold layer is not counted by it; an empty gold layer is labelled with
    nothing, and is counted.

    >>> gold = Example(id="1", text="a", labels={"mood": ("good",), "topic": ()})
    >>> comparison = LayerComparison({"mood": "sentiment"})
    >>> comparison.add(ExamplePair(Example(id="1", text="a", labels={"sentiment": ("bad",)}), gold))
    >>> [item.counts.scores() for item in comparison.shared]
    [{'accuracy': 0.0, 'macro_f1': 0.0}]

    Args:
        names: Gold layer to the system's layer, for each layer to compare. By default all
            layers are compared with those of the same name.
        other_names: Gold layer to the system's layer, where all layers are compared, but not
            those of the same name.
    """

    def __init__(
        self,
        names: Mapping[str, str] | None = None,
        other_names: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._names, self._other_names = names, other_names
        self._compared: dict[Layer, LayerCounts] = {}
        self._gold, self._predicted, self._unmatched = (Counter[Layer]() for _ in range(3))

    def add(self, pair: ExamplePair) -> None:
        """Adds a text."""
        gold, predicted = _layers(pair.gold), _layers(pair.predicted)
        self._gold.update(gold.keys())
        self._predicted.update(predicted.keys())
        matches = {layer: self._system_layer(layer) for layer in gold}
        self._unmatched.update(predicted.keys() - matches.values())
        for layer, system in matches.items():
            if system is None:
                continue
            if layer not in self._compared:
                self._compared[layer] = LayerCounts(layer, system, _COUNTS[layer.kind]())
            self._compared[layer].missing += system not in predicted
            self._compared[layer].counts.add(predicted.get(system, ()), gold[layer])

    @property
    def shared(self) -> list[LayerCounts]:
        """Returns the comparison of each gold layer that the system has, on any text."""
        return [item for item in self._compared.values() if item.system in self._predicted]

    @property
    def gold_layers(self) -> list[Layer]:
        """Returns all layers of the gold examples."""
        return list(self._gold)

    @property
    def system_layers(self) -> list[Layer]:
        """Returns all layers of the system's examples."""
        return list(self._predicted)

    def unlabelled(self, item: LayerCounts) -> int:
        """Returns the number of texts on which only the system has a layer: not counted."""
        return self._unmatched[item.system]

    def _system_layer(self, gold: Layer) -> Layer | None:
        """Returns the system's layer to compare with a gold layer; None for no comparison."""
        if self._names is None:
            return gold._replace(name=self._other_names.get(gold.name, gold.name))
        name = self._names.get(gold.name)
        return None if name is None else Layer(gold.kind, name)


def _layers(example: Example | None) -> dict[Layer, Sequence[Any]]:
    """Returns the annotations of each layer of an example; none without an example."""
    if example is None:
        return {}
    spans = {Layer("spans", name): spans for name, spans in example.spans.items()}
    return {**spans, **{Layer("labels", name): labels for name, labels in example.labels.items()}}
