"""What stands in the README.md of an exported folder."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from arabic_mtl.inference.description import TaskDescription
from arabic_mtl.inference.parts import Parts
from arabic_mtl.markdown import markdown_table
from arabic_mtl.model.network import Network

_WHOLE = """\
---
language: ar
library_name: arabic_mtl
---
# {tasks}

One encoder for several tasks, trained with arabic_mtl. Raw text goes in; labels, and spans with the
characters of that text, come out:

```python
import arabic_mtl

annotator = arabic_mtl.load("this folder")
annotator("…").as_dict()
```

## Tasks

{table}

## Files

`text/` is a Hugging Face tokenizer with the cleaning inside. `encoder/` holds the encoder,
`{encoder}`{automodel}. `heads.safetensors` holds what is above it; a name begins with its task's.
`model.json` says how heads were made and what their outputs stand for, `calibration.json` how their
scores become probabilities.

{heads}
"""

_TASK = """\
---
language: ar
library_name: transformers
pipeline_tag: {pipeline}
---
# {name}: {layer}

Exported from a model of several tasks, trained with arabic_mtl. The tokenizer cleans the text.

```python
from transformers import pipeline

annotate = pipeline("{pipeline}", "this folder")
annotate({given})
```

Labels: {labels}.

Longest input: {longest} tokens; what is behind is cut off.{notes}
"""


def model_card(parts: Parts, network: Network) -> str:
    """Of the whole model."""
    tasks = parts.description.tasks
    kind = parts.description.encoder.class_path
    weights = {name: tuple(value.shape) for name, value in network.heads.state_dict().items()}
    rows = [{"weights": name, "shape": " × ".join(map(str, of))} for name, of in weights.items()]
    return _WHOLE.format(
        tasks=", ".join(tasks),
        table=markdown_table(pd.DataFrame([_row(*task, parts) for task in tasks.items()])),
        encoder=kind,
        automodel="; `AutoModel` reads it" if network.encoder.plain is not network.encoder else "",
        heads=markdown_table(pd.DataFrame(rows)),
    )


def _row(name: str, task: TaskDescription, parts: Parts) -> Mapping[str, Any]:
    return {
        "task": name,
        "layer": ", ".join(task.layers),
        "head": task.head.class_path,
        "reads": "text and target" if task.paired else "text",
        "labels": ", ".join(parts.decoders[name].outputs),
    }


def _given(name: str, parts: Parts) -> str:
    """What their pipeline is called with; it reads longer texts only if it is told to cut them."""
    if parts.decoders[name].kind == "token":
        return '"…"'
    if parts.description.tasks[name].paired:
        return '{"text": "…", "text_pair": "a target in it"}, truncation=True'
    several = parts.decoders[name].threshold is not None
    return f'"…", truncation=True{", top_k=None" if several else ""}'


def task_card(
    name: str, parts: Parts, pipeline: str, labels: Iterable[str], notes: Iterable[str]
) -> str:
    """Of one task in Hugging Face's own form.

    Args:
        name: The task's.
        parts: The model's.
        pipeline: Hugging Face's name for what it does.
        labels: What its outputs stand for, in order.
        notes: What it does not do.
    """
    return _TASK.format(
        name=name,
        layer=", ".join(parts.description.tasks[name].layers),
        pipeline=pipeline,
        given=_given(name, parts),
        labels=", ".join(labels),
        longest=parts.text.max_length,
        notes="".join(f"\n\n{note}" for note in notes),
    )
