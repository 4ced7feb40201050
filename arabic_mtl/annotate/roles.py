"""Which task tells what of an opinion."""

from collections.abc import Mapping

from arabic_mtl.annotate.description import TaskDescription
from arabic_mtl.decoding import Decoder, LabelDecoder, LabelsDecoder, SpanDecoder, TagDecoder

ROLES: dict[str, tuple[tuple[type[Decoder], ...], tuple[str, ...]]] = {
    "category": ((LabelsDecoder,), ("category",)),
    "target": ((TagDecoder,), ("entity", "category")),
    "polarity": ((SpanDecoder, LabelDecoder), ("polarity",)),
}
"""What is to be told of an opinion, to the decoders of the task that tells it, and its layers."""


def roles_of(
    tasks: Mapping[str, TaskDescription], decoders: Mapping[str, Decoder]
) -> dict[str, str]:
    """Role to the task that has it: known by kind and layer, not by name; the first of several.

    ``aspect`` is the one that tells the category of each span: a tagger that finds categories, or
    what the task that tells polarities is told by.

    Args:
        tasks: By name.
        decoders: What their logits stand for.
    """
    found: dict[str, str] = {}
    for name, task in tasks.items():
        for role, (kinds, layers) in ROLES.items():
            if isinstance(decoders[name], kinds) and task.layer in layers:
                found.setdefault(role, name)
    if "target" in found and tasks[found["target"]].layer == "category":
        return found | {"aspect": found["target"]}
    polarity = decoders.get(found.get("polarity", ""))
    told_by = polarity.told_by if isinstance(polarity, SpanDecoder) else None
    return found | ({"aspect": told_by} if told_by else {})
