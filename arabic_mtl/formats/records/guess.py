"""Guesses the options of a JSON file from its first records."""

from collections.abc import Mapping
from typing import Any

from arabic_mtl.errors import InputError
from arabic_mtl.formats.facts import Guess
from arabic_mtl.formats.records.guess_labels import guess_labels
from arabic_mtl.formats.records.guess_spans import guess_spans, guess_tags
from arabic_mtl.formats.records.json_columns import IDS, Columns, first_records

_PAIRS = (
    ("question1", "question2"),
    ("sentence1", "sentence2"),
    ("text1", "text2"),
    ("text_a", "text_b"),
    ("text_0", "text_1"),
    ("s1", "s2"),
    ("premise", "hypothesis"),
    ("text", "pair"),
)
_RIVAL = 0.25  # share of the text's characters that another text has
_PRODIGY = {"accept", "reject", "ignore"}
_PREDICTED, _KNOWN, _UNKNOWN = 0.95, 0.9, 0.5  # certainties


def guess_records(head: bytes) -> Guess | None:
    """Returns a guess for a file that begins with JSON objects; None for other files.

    Tasks of Label Studio are no records: their annotations refer to the texts by name.

    Args:
        head: The first bytes of the file.
    """
    records, encoding = first_records(head)
    if not records or any(map(_is_label_studio, records)):
        return None
    columns, doubts = Columns(records), list[str]()
    options: dict[str, Any] = {} if encoding == "utf-8" else {"encoding": encoding}
    if options:
        doubts.append(f"`encoding: {encoding}` was guessed, since the file is not UTF-8")
    options |= guess_tags(columns, doubts)
    if "tokens" not in options and not _guess_text(columns, options, doubts):
        return Guess({}, _UNKNOWN, ("no field with a text was found; `text` names it",))
    used = {value for value in options.values() if isinstance(value, str)}
    predictions = _predictions(records)
    if predictions is not None:
        used |= {"spans", "labels", "values"}
    guess_spans(columns, used, options, doubts)
    guess_labels(columns, used, options, doubts)
    _guess_id(columns, options, doubts)
    _doubt_text(columns, options, doubts)
    if predictions is not None:
        return Guess(_merged(options, predictions), _PREDICTED, doubts)
    return Guess(options, _KNOWN, doubts)


def _is_label_studio(record: Mapping[str, object]) -> bool:
    """Returns True if a record is a task of Label Studio, with its annotations."""
    annotations = record.get("annotations")
    return isinstance(record.get("data"), dict) and (
        isinstance(annotations, list)
        and any(isinstance(item, dict) and "result" in item for item in annotations)
    )


def _guess_text(columns: Columns, options: dict[str, Any], doubts: list[str]) -> bool:
    """Adds the keys of the text and of a second one; returns False if there is no text."""
    texts = columns.texts()
    if not texts:
        return False
    options["text"] = texts[0]
    for first, second in _PAIRS:
        if {first, second} <= {*texts} and texts[0] in (first, second):
            options |= {"text": first, "pair": second, "group": [first, second]}
            doubts.append(
                f"`{second}` was taken for a second text, read together with `{first}`; "
                "without `pair` and `group` only the first is read"
            )
            return True
    return True


def _doubt_text(columns: Columns, options: dict[str, Any], doubts: list[str]) -> None:
    """Adds a doubt if other keys could have the text."""
    text, labels = options.get("text"), options.get("labels", {}).values()
    if text is None:
        return
    least = columns.length(text)[1] * _RIVAL
    rivals = [
        f"`{key}`"
        for key in columns.texts()
        if key not in (text, options.get("pair"), *labels) and columns.length(key)[1] >= least
    ]
    if rivals:
        doubts.append(
            f"`{text}` has the most Arabic letters; `text` could be {', '.join(rivals[:3])}"
        )


def _guess_id(columns: Columns, options: dict[str, Any], doubts: list[str]) -> None:
    """Adds the key of ids that differ, and an `accept` for answers that Prodigy does not have."""
    for key in IDS:
        values = columns.values(key)
        texts = {str(value) for value in values if type(value) in (int, str) and value != ""}
        if len(texts) == columns.number > 1:
            options["id"] = key
            doubts.append(
                f"`{key}` differs in the first {columns.number} records; without `id` it need not"
            )
            break
    answers = columns.values("answer")
    if not all(isinstance(answer, str) and answer in _PRODIGY for answer in answers):
        options["accept"] = {}
        doubts.append("`answer` is not Prodigy's: all records are read; `accept` selects some")


def _predictions(records: list[Mapping[str, object]]) -> dict[str, dict[str, str]] | None:
    """Returns the layers of this product's predictions; None if the records are none."""
    spans, labels = dict[str, str](), dict[str, str]()
    for record in records:
        try:
            spans |= {task: f"spans.labels.{task}" for task in _span_tasks(record.get("spans"))}
            labels |= {task: f"labels.{task}" for task in _text_tasks(record.get("labels"))}
        except InputError:
            return None
    return {"spans": spans, "labels": labels}


def _span_tasks(value: object) -> list[str]:
    """Returns the tasks in a list of predicted spans; raises `InputError` for other values."""
    items = value if isinstance(value, list) else [value]
    labels = [item.get("labels") if isinstance(item, dict) else None for item in items]
    tasks = [task for names in labels if isinstance(names, dict) for task in names]
    scores = [s for names in labels if isinstance(names, dict) for s in names.values()]
    if not all(isinstance(names, dict) for names in labels) or not all(map(_is_score, scores)):
        raise InputError("predictions must be a list of spans", found=value, expected="[]")
    return tasks


def _text_tasks(value: object) -> list[str]:
    """Returns the tasks in predicted labels; raises `InputError` for other values."""
    lists = [*value.values()] if isinstance(value, dict) else [None]
    are_scores = all(isinstance(scores, list) and all(map(_is_score, scores)) for scores in lists)
    if not isinstance(value, dict) or not are_scores:
        raise InputError("predictions must be lists of labels", found=value, expected="{}")
    return [*value]


def _is_score(value: object) -> bool:
    return isinstance(value, dict) and value.keys() == {"label", "score"}


def _merged(options: dict[str, Any], layers: Mapping[str, dict[str, str]]) -> dict[str, Any]:
    """Returns options with the layers of predictions, which count in characters."""
    merged = {name: {**options.get(name, {}), **keys} for name, keys in layers.items()}
    known = {name: keys for name, keys in merged.items() if keys}
    return {**options, **known, "offsets": "characters"}
