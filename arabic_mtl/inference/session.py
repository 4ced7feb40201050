"""A model's encoder and heads as a graph, run by onnxruntime. Needs no torch.

`arabic_mtl.export.onnx` says what the graph takes and gives.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from arabic_mtl.decoders import Arrays, Ask, Decoder
from arabic_mtl.decoders.base import Floats
from arabic_mtl.decoders.span import in_parts
from arabic_mtl.errors import InputError
from arabic_mtl.text import Encoding, TextPipeline
from arabic_mtl.text.encoding import columns_of, pad
from arabic_mtl.text.ngrams import ngram_table
from arabic_mtl.text.offsets import Integers
from arabic_mtl.text.windows import AT_ONCE, cut

HIDDEN, SPANS = "hidden", "spans"
"""Inputs that may be left out: what was encoded before, and what to ask of it."""

ENCODED = "encoded"
"""The output that may be given as `HIDDEN`."""

OUTPUTS = "outputs"
"""The key of a graph's metadata that holds the names of its tasks' outputs, as JSON."""


class Session:
    """A graph, loaded.

    Args:
        path: The file.
        decoders: What its logits stand for, by task.
        text: Makes the tokens that it reads.

    Raises:
        InputError: If onnxruntime is not installed, or the file is damaged or of another model.
    """

    def __init__(self, path: Path, decoders: Mapping[str, Decoder], text: TextPipeline) -> None:
        self._session, self._text = _open(path), text
        _require_outputs(path, self._session, decoders)
        needed, others = self._session.get_inputs(), self._session.get_overridable_initializers()
        self._inputs = {each.name for each in [*needed, *others]}
        names = [each.name for each in self._session.get_outputs() if each.name != ENCODED]
        self._outputs = {task: [n for n in names if n.split("/")[0] == task] for task in decoders}
        asked = {task for task, decoder in decoders.items() if decoder.asks_spans}
        self._unasked = [n for task, of in self._outputs.items() if task not in asked for n in of]

    def read(self, rows: Sequence[Encoding]) -> Ask:
        """Encodes texts, once.

        Returns:
            A function that returns the logits of a task's head for those texts.
        """
        padded = pad(columns_of(rows), self._text.pad_id)
        given: dict[str, Any]
        if padded["input_ids"].shape[1] <= self._text.longest:
            ngrams, spellings = ngram_table(rows)
            given = {**padded, "ngrams": ngrams, "spellings": spellings}
            found = self._fetch([ENCODED, *self._unasked], given)
        else:
            given = {**padded, HIDDEN: self._in_windows(padded)}
            found = {ENCODED: given[HIDDEN], **self._fetch(self._unasked, given)}
        given[HIDDEN] = found[ENCODED]

        def ask(name: str, spans: Integers | None) -> Arrays:
            outputs = self._outputs[name]
            if spans is None:
                return _named({each: found[each] for each in outputs})
            parts = [
                self._fetch(outputs, given | {SPANS: some})
                for some in in_parts(spans, given[HIDDEN][0].size)
            ]
            return _named({each: np.concatenate([p[each] for p in parts]) for each in outputs})

        return ask

    def _in_windows(self, padded: Mapping[str, Integers]) -> Floats:
        """Hidden states (rows, tokens, size) of texts that are too long to be read at once."""
        cuts = cut(padded["attention_mask"], padded["words"], self._text.max_length)
        parts = []
        for start in range(0, len(cuts.row), AT_ONCE):
            windows = slice(start, start + AT_ONCE)
            place = cuts.row[windows, None], cuts.index[windows].clip(min=0)
            names = ("input_ids", "token_type_ids", "words")
            read = {name: padded[name][place] for name in names}
            read["attention_mask"] = (cuts.index[windows] >= 0).astype(np.int64)
            hidden = self._fetch([ENCODED], read)[ENCODED]
            parts.append(hidden.reshape(-1, hidden.shape[-1]))
        stitched: Floats = np.concatenate(parts)[cuts.source]
        return stitched

    def _fetch(self, outputs: list[str], given: Mapping[str, Any]) -> dict[str, Floats]:
        feeds = {name: of for name, of in given.items() if name in self._inputs}
        return dict(zip(outputs, self._session.run(outputs, feeds), strict=True))


def _named(logits: Mapping[str, Floats]) -> Arrays:
    """Logits by what they are called within their task."""
    return {name.split("/")[1]: of for name, of in logits.items()}


def _open(path: Path) -> Any:
    try:
        import onnxruntime
    except ModuleNotFoundError:
        raise InputError(
            "a backend is installed",
            found="no onnxruntime",
            expected="pip install 'arabic-mtl[onnx]'",
        ) from None
    options = onnxruntime.SessionOptions()
    threads = os.environ.get("OMP_NUM_THREADS", "").split(",")[0]  # of the outermost level
    options.intra_op_num_threads = int(threads) if threads.isdecimal() else 0  # as torch does
    options.log_severity_level = 4  # errors are raised, too
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime names no base class of its errors
        raise InputError(
            "a model's graph is whole",
            found=str(error).splitlines()[0],
            expected="a file written by `train.py export --to onnx`",
            file=path,
        ) from None


def _require_outputs(path: Path, session: Any, decoders: Mapping[str, Decoder]) -> None:
    """Refuses a graph whose outputs stand for something else.

    Raises:
        InputError: Naming the task.
    """
    saved = json.loads(session.get_modelmeta().custom_metadata_map.get(OUTPUTS, "{}"))
    known = {name: list(decoder.outputs) for name, decoder in decoders.items()}
    for name in known.keys() | saved.keys():
        if saved.get(name) != known.get(name):
            raise InputError(
                "the labels of a graph are those of its model.json",
                found=f"{name}: {saved.get(name, 'no such task')}",
                expected=f"{known.get(name, 'no such task')}: both files of the same export",
                file=path,
            )
