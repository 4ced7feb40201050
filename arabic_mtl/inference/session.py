"""Inference with an exported ONNX graph in onnxruntime, without torch.

`arabic_mtl.export.onnx` documents the inputs and outputs of the graph.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from arabic_mtl.decoders import Arrays, Ask, Decoder
from arabic_mtl.decoders.base import Floats
from arabic_mtl.decoders.span import split_table
from arabic_mtl.errors import InputError, program
from arabic_mtl.text import Encoding, TextPipeline
from arabic_mtl.text.encoding import pad, to_columns
from arabic_mtl.text.ngrams import ngram_table
from arabic_mtl.text.ragged import Integers
from arabic_mtl.text.windows import WINDOWS_PER_PASS, cut

HIDDEN, SPANS = "hidden", "spans"
"""The optional inputs: hidden states of an earlier pass, and the spans to label."""

ENCODED = "encoded"
"""The output with the hidden states, which a later pass takes as `HIDDEN`."""

OUTPUTS = "outputs"
"""The metadata key of a graph with the names of its tasks' outputs, as JSON."""


class Session:
    """Inference with an ONNX graph; `TorchSession` has the same interface for torch networks.

    Args:
        path: The file of the graph.
        decoders: Task to the decoder of its logits.
        text: The text pipeline of the model.

    Raises:
        InputError: If onnxruntime is not installed, or the file is damaged or of another model.
    """

    def __init__(self, path: Path, decoders: Mapping[str, Decoder], text: TextPipeline) -> None:
        self._session, self._text = _open(path), text
        _require_outputs(path, self._session, decoders)
        required = self._session.get_inputs()
        optional = self._session.get_overridable_initializers()
        self._inputs = {each.name for each in [*required, *optional]}
        names = [each.name for each in self._session.get_outputs() if each.name != ENCODED]
        self._outputs = {task: [n for n in names if n.split("/")[0] == task] for task in decoders}
        text_tasks = [task for task, decoder in decoders.items() if not decoder.asks_spans]
        self._text_outputs = [name for task in text_tasks for name in self._outputs[task]]

    def read(self, rows: Sequence[Encoding]) -> Ask:
        """Encodes texts once, for all heads.

        Returns:
            A function that returns the logits of a task's head for these texts.
        """
        padded = pad(to_columns(rows), self._text.pad_id)
        inputs: dict[str, Any]
        if padded["input_ids"].shape[1] <= self._text.longest:
            ngrams, spellings = ngram_table(rows)
            inputs = {**padded, "ngrams": ngrams, "spellings": spellings}
            results = self._fetch([ENCODED, *self._text_outputs], inputs)
        else:
            inputs = {**padded, HIDDEN: self._encode_windows(padded)}
            results = {ENCODED: inputs[HIDDEN], **self._fetch(self._text_outputs, inputs)}
        inputs[HIDDEN] = results[ENCODED]

        def ask(name: str, spans: Integers | None) -> Arrays:
            outputs = self._outputs[name]
            if spans is None:
                return _short_names({each: results[each] for each in outputs})
            parts = [
                self._fetch(outputs, inputs | {SPANS: table})
                for table in split_table(spans, inputs[HIDDEN][0].size)
            ]
            joined = {each: np.concatenate([part[each] for part in parts]) for each in outputs}
            return _short_names(joined)

        return ask

    def _encode_windows(self, padded: Mapping[str, Integers]) -> Floats:
        """Returns hidden states (rows, tokens, size) of texts that are encoded in windows."""
        cuts = cut(padded["attention_mask"], padded["word_ids"], self._text.max_length)
        parts = []
        for start in range(0, len(cuts.row), WINDOWS_PER_PASS):
            windows = slice(start, start + WINDOWS_PER_PASS)
            positions = cuts.row[windows, None], cuts.index[windows].clip(min=0)
            names = ("input_ids", "token_type_ids", "word_ids")
            inputs = {name: padded[name][positions] for name in names}
            inputs["attention_mask"] = (cuts.index[windows] >= 0).astype(np.int64)
            hidden = self._fetch([ENCODED], inputs)[ENCODED]
            parts.append(hidden.reshape(-1, hidden.shape[-1]))
        stitched: Floats = np.concatenate(parts)[cuts.source]
        return stitched

    def _fetch(self, outputs: list[str], inputs: Mapping[str, Any]) -> dict[str, Floats]:
        """Runs the graph; returns output name to its array, ignoring inputs that it lacks."""
        feeds = {name: value for name, value in inputs.items() if name in self._inputs}
        return dict(zip(outputs, self._session.run(outputs, feeds), strict=True))


def _short_names(logits: Mapping[str, Floats]) -> Arrays:
    """Returns logits under their names within the task, such as ``tags`` for ``ner/tags``."""
    return {name.split("/")[1]: values for name, values in logits.items()}


def _open(path: Path) -> Any:
    """Opens a graph; raises `InputError` if onnxruntime is not installed or cannot read it."""
    try:
        import onnxruntime
    except ModuleNotFoundError:
        raise InputError(
            "the package of the backend must be installed",
            found="no onnxruntime",
            expected="pip install 'arabic-mtl[onnx]'",
        ) from None
    options = onnxruntime.SessionOptions()
    # OMP_NUM_THREADS may list one number per nesting level; torch, too, uses the outermost one.
    threads = os.environ.get("OMP_NUM_THREADS", "").split(",")[0]
    options.intra_op_num_threads = int(threads) if threads.isdecimal() else 0
    options.log_severity_level = 4  # fatal only: errors are raised as exceptions anyway
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors have no common base class
        raise InputError(
            "a model's graph must be a complete ONNX file",
            found=str(error).splitlines()[0],
            expected=f"a file written by `{program()} export --to onnx`",
            file=path,
        ) from None


def _require_outputs(path: Path, session: Any, decoders: Mapping[str, Decoder]) -> None:
    """Raises `InputError` if a graph's tasks or labels differ from the model's description."""
    saved = json.loads(session.get_modelmeta().custom_metadata_map.get(OUTPUTS, "{}"))
    known = {name: list(decoder.outputs) for name, decoder in decoders.items()}
    for name in known.keys() | saved.keys():
        if saved.get(name) != known.get(name):
            raise InputError(
                "a graph must have the tasks and labels of its model.json",
                found=f"{name}: {saved.get(name, 'no such task')}",
                expected=f"{known.get(name, 'no such task')}, with both files of one export",
                file=path,
            )
