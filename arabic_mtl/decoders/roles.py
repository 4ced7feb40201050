"""Roles in an opinion (target, category, polarity), and the tasks that predict them."""

from collections.abc import Mapping

from arabic_mtl.decoders.base import Decoder

LAYERS: dict[str, dict[str, tuple[str, ...]]] = {
    "category": {"multilabel": ("category",)},
    "target": {"token": ("entity", "category")},
    "polarity": {"span": ("polarity",), "sequence": ("polarity",)},
}
"""Role to the kinds of decoders that can have it, each with the layers that give it that role."""


def role_of(kind: str, layer: str) -> str | None:
    """Returns the role of a task with a decoder of this kind on this layer, if it has one."""
    return next((role for role, kinds in LAYERS.items() if layer in kinds.get(kind, ())), None)


def roles_of(layers: Mapping[str, str], decoders: Mapping[str, Decoder]) -> dict[str, str]:
    """Returns the task for each role: the first of several; roles without a task are left out.

    ``aspect`` is the task that gives each span its category: a tagger of categories, the task
    that the spans of the polarity task are conditioned on, or the task that labels texts with
    categories (`category_of`).

    Args:
        layers: Task to the layer that it reads.
        decoders: By task.
    """
    found: dict[str, str] = {}
    for name, layer in layers.items():
        if role := role_of(decoders[name].kind, layer):
            found.setdefault(role, name)
    if "target" in found and layers[found["target"]] == "category":
        return found | {"aspect": found["target"]}
    polarity = decoders.get(found.get("polarity", ""))
    aspect = polarity.condition_from if polarity else None
    if aspect is None and "target" in found:
        aspect = found.get("category")
    return found | ({"aspect": aspect} if aspect else {})
