"""Labels of whole texts in JSON records."""

from collections.abc import Mapping, Sequence

from arabic_mtl.errors import InputError
from arabic_mtl.formats.labels import trimmed
from arabic_mtl.formats.notices import Notices
from arabic_mtl.formats.records.json_values import shown


class LabelReader:
    """Reads the labels of one record.

    Args:
        rename: The option ``rename``, which can name labels that are not allowed otherwise.
        notices: The counts of tolerated irregularities.
        line: The line number of the record.
    """

    def __init__(
        self, rename: Mapping[str, Mapping[str, str | None]], notices: Notices, line: int
    ) -> None:
        self._rename, self._notices, self._line = rename, notices, line

    def label(self, value: object, layer: str) -> str:
        """Returns a label: a string, or a number, true or false as it is in the file.

        A label of this product's predictions is an object with the field ``label``.

        Raises:
            InputError: If the value is another one, or an empty string.
        """
        if isinstance(value, dict) and "label" in value:
            value = value["label"]
        if isinstance(value, bool | int | float):
            value = str(value).lower() if isinstance(value, bool) else str(value)
        if not isinstance(value, str):
            raise _error(layer, value, '"a label"')
        label = trimmed(value, self._notices, self._line)
        if not label and "" not in self._rename.get(layer, {}):
            known = f'null, or no field; or `rename: {{{layer}: {{"": null}}}}`'
            raise _error(layer, value, f"{known} where there is no label")
        return label

    def labels(self, value: object, layer: str) -> tuple[str, ...] | None:
        """Returns the labels of a text; None if it is not labelled.

        Args:
            value: A label, a list of labels, or null. Or an object with labels as keys, and 1 or
                true as values for those that the text has; without keys it says nothing. Or an
                object of this product's predictions: task to a list of labels.
            layer: The name of the layer, and in such an object of the task.

        Raises:
            InputError: If the value is another one.
        """
        if isinstance(value, dict) and all(isinstance(v, list) for v in value.values()):
            value = value.get(layer)
        if value is None:
            return None
        if isinstance(value, dict) and not isinstance(value.get("label"), str):
            items: Sequence[object] = self._chosen(value, layer)
        else:
            items = value if isinstance(value, list) else [value]
        labels = [self.label(item, layer) for item in items]
        unique = tuple(dict.fromkeys(labels))
        if len(unique) < len(labels):
            self._notices.count("label that is in its record twice", self._line)
        return unique

    def _chosen(self, scores: Mapping[str, object], layer: str) -> list[str]:
        """Returns the keys of an object whose values are 1 or true."""
        for value in scores.values():
            if not isinstance(value, bool | int | float) or value not in (0, 1):
                raise _error(layer, scores, '{"a label": 1, "another one": 0}')
        return [label for label, value in scores.items() if value]


def _error(layer: str, value: object, expected: str) -> InputError:
    return InputError(
        "a label must be a string, a number, true or false",
        found=f"{layer}: {shown(value)}",
        expected=expected,
    )
