"""Roles in an opinion (target, category, polarity), and the tasks that predict them."""

from collections.abc import Mapping

from arabic_mtl.decoders.base import Decoder

LAYERS: dict[str, dict[str, tuple[str, ...]]] = {
    "category": {"multilabel": ("category",)},
    "target": {"token": ("entity", "category")},
    "polarity": {"span": ("polarity",), "sequence": ("polarity",)},
}
"""Role to the kinds of decoders that can have it, each with its possible layers."""


def role_of(kind: str, layer: str) -> str | None:
    """Returns the role of a task with this kind of decoder on this layer, or None."""
    return next((role for role, kinds in LAYERS.items() if layer in kinds.get(kind, ())), None)


def roles_of(layers: Mapping[str, str], decoders: Mapping[str, Decoder]) -> dict[str, str]:
    """Returns the first task that has each role, and omits roles without a task.

    ``aspect`` is the task that predicts the category of each span: a tagger of categories, the
    task that predicts the conditions of the polarity task, or the task that labels texts with
    categories (`category_of`).

    Args:
        layers: Task to the layer that it reads.
        decoders: Task to its decoder.
    """
    roles: dict[str, str] = {}
    for name, layer in layers.items():
        if role := role_of(decoders[name].kind, layer):
            roles.setdefault(role, name)
    if "target" in roles and layers[roles["target"]] == "category":
        return roles | {"aspect": roles["target"]}
    polarity = decoders.get(roles.get("polarity", ""))
    aspect = polarity.condition_from if polarity else None
    if aspect is None and "target" in roles:
        aspect = roles.get("category")
    return roles | ({"aspect": aspect} if aspect else {})
