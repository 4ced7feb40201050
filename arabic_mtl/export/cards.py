"""Model cards: the README.md of an exported folder."""

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

One encoder for several tasks, trained with arabic_mtl. The input is raw text; the output is labels,
and spans with character offsets into the raw text:

```python
import arabic_mtl

annotator = arabic_mtl.load("this folder")
annotator("…").as_dict()
```

## Tasks

{table}

{credits}## Files

`text/` is a Hugging Face tokenizer, which also cleans the text. `encoder/` holds the encoder,
`{encoder}`{automodel}. `heads.safetensors` holds the heads; the name of each tensor begins with its
task. `model.json` lists the classes and arguments of heads and decoders, with the labels of each
task. `calibration.json` maps their scores to calibrated probabilities.

{heads}
"""

_TASK = """\
---
language: ar
library_name: transformers
pipeline_tag: {pipeline}
---
# {name}: {layer}

Exported from a multi-task model, trained with arabic_mtl. The tokenizer also cleans the text.

```python
from transformers import pipeline

annotate = pipeline("{pipeline}", "this folder")
annotate({call})
```

Labels: {labels}.

Longest input: {longest} tokens; the rest is cut off.{notes}
"""


def model_card(parts: Parts, network: Network) -> str:
    """Returns the model card of a whole multi-task model."""
    tasks = parts.description.tasks
    kind = parts.description.encoder.class_path
    weights = {name: tuple(value.shape) for name, value in network.heads.state_dict().items()}
    rows = [{"weights": name, "shape": " × ".join(map(str, w))} for name, w in weights.items()]
    return _WHOLE.format(
        tasks=", ".join(tasks),
        credits=_credits(parts),
        table=markdown_table(pd.DataFrame([_row(*task, parts) for task in tasks.items()])),
        encoder=kind,
        automodel="; `AutoModel` reads it" if network.encoder.plain is not network.encoder else "",
        heads=markdown_table(pd.DataFrame(rows)),
    )


def _credits(parts: Parts) -> str:
    """Returns the section with the source and the license of each corpus that states them."""
    lines = [
        f"- {corpus}: {'; '.join(f'{name} {value}' for name, value in facts.items())}"
        for corpus, facts in parts.description.credits.items()
    ]
    return "## Corpora\n\n" + "\n".join(lines) + "\n\n" if lines else ""


def _row(name: str, task: TaskDescription, parts: Parts) -> Mapping[str, Any]:
    """Returns a task's row in the table of tasks: column to value."""
    return {
        "task": name,
        "layer": ", ".join(task.layers),
        "head": task.head.class_path,
        "reads": "text and target" if task.paired else "pair" if task.takes_pairs else "text",
        "labels": ", ".join(parts.decoders[name].outputs),
    }


def _call_arguments(name: str, parts: Parts) -> str:
    """Returns the arguments of the example call of a pipeline in a task's card.

    Text classification pipelines need ``truncation=True`` to accept texts of any length.
    """
    if parts.decoders[name].kind == "token":
        return '"…"'
    task = parts.description.tasks[name]
    if task.paired or task.takes_pairs:
        second = "a target in it" if task.paired else "…"
        return f'{{"text": "…", "text_pair": "{second}"}}, truncation=True'
    multilabel = parts.decoders[name].threshold is not None
    return f'"…", truncation=True{", top_k=None" if multilabel else ""}'


def task_card(
    name: str, parts: Parts, pipeline: str, labels: Iterable[str], notes: Iterable[str]
) -> str:
    """Returns the model card of one task that was exported as a Hugging Face model.

    Args:
        name: The name of the task.
        parts: The model without its weights.
        pipeline: The Hugging Face pipeline of the exported model, such as ``text-classification``.
        labels: The labels of its outputs, in order.
        notes: The differences from the original model, a sentence each.
    """
    return _TASK.format(
        name=name,
        layer=", ".join(parts.description.tasks[name].layers),
        pipeline=pipeline,
        call=_call_arguments(name, parts),
        labels=", ".join(labels),
        longest=parts.text.max_length,
        notes="".join(f"\n\n{note}" for note in notes),
    )
