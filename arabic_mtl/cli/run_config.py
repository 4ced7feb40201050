"""The part of a run's configuration that may be taken from someone else's run."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from arabic_mtl.annotate.classes import find_class
from arabic_mtl.balancing import Balancing
from arabic_mtl.cli.parser import TAKEN, read_config
from arabic_mtl.corpora import Corpus
from arabic_mtl.encoders import Encoder
from arabic_mtl.errors import InputError
from arabic_mtl.files import is_plain_name
from arabic_mtl.tasks import Task

TRAINER = re.compile(
    "precision|gradient_clip_val|gradient_clip_algorithm|accumulate_grad_batches|max_epochs"
    "|max_steps|min_epochs|min_steps|val_check_interval|check_val_every_n_epoch|limit_.*_batches"
    "|overfit_batches"
)
"""Options of the Trainer that decide results and are plain numbers or words. All others name
classes, devices or places: they belong to whoever calls the command."""

_PLAIN = ("checkpoint", "early_stopping", "last", "dashboard")
"""Options of this project's own callbacks, none of which names a class or a path."""

_CLASSES: dict[tuple[str, ...], type] = {
    ("data", "corpora", "*"): Corpus,
    ("data", "tasks", "*"): Task,
    ("model", "encoder"): Encoder,
    ("model", "balancing"): Balancing,
}
"""The keys under which a configuration names classes, and of what kind."""

_MAPPINGS = (("data", "corpora"), ("data", "tasks"), ("data", "text"), ("data", "plan"))
"""Keys with keys of their own; a string in their place would be read as a file's name."""

_MOST = 100_000  # values of a configuration, counted as often as an alias repeats them


def trusted_config(run: Path) -> str:
    """Returns what may be taken of a run's ``config.yaml``, as YAML for ``--config``.

    That is ``data`` and ``model``, with classes that `find_class` knows, the seed, and those
    options of the Trainer and of this project's callbacks that are plain values. So nothing in the
    file is executed, or decides where something is written.

    Raises:
        InputError: If it names another class, or is no configuration.
    """
    path = run / "config.yaml"
    config = read_config(path)
    taken = {
        **{section: _section(path, config, section) for section in ("data", "model")},
        **{section: _plain(config.get(section), ".*") for section in _PLAIN},
        "trainer": _plain(config.get("trainer"), TRAINER.pattern),
        **_plain(config, "seed_everything"),
    }
    kept = {name: value for name, value in taken.items() if value != {}}
    return f"{TAKEN}{path}\n{yaml.safe_dump(kept, allow_unicode=True, sort_keys=False)}"


def _section(path: Path, config: Mapping[str, object], section: str) -> dict[str, object]:
    """Returns all of ``data`` or ``model`` if each class in it may be named."""
    content = config.get(section)
    if not isinstance(content, dict):
        raise _refused(path, (section,), content, "a mapping, as `train.py fit` wrote it")
    for number, (key, value) in enumerate(_values((section,), content)):
        if number > _MOST:
            raise _refused(path, key, f"more than {_MOST:,} values", "a configuration")
        _check(path, key, value)
    return content


def _check(path: Path, key: tuple[str, ...], value: object) -> None:
    """Refuses a value by which the parser would import what is not allowed."""
    structural = len(key) <= 3 or key[-2] == "init_args"
    if structural and not is_plain_name(key[-1]):  # `encoder.class_path` would be read as two
        raise _refused(path, key, repr(key[-1]), "keys without dots and signs")
    if base := _CLASSES.get((*key[:2], "*") if len(key) == 3 else key):
        if value is not None and not _is_object(value, base):
            raise _refused(path, key, _shown(value), f"a class that is a {base.__name__}")
    elif key in _MAPPINGS and not isinstance(value, dict):
        raise _refused(path, key, _shown(value), "a mapping, as `train.py fit` wrote it")
    elif isinstance(value, dict) and "class_path" in value and not _is_object(value, object):
        raise _refused(path, key, _shown(value), "a class")
    elif isinstance(value, str) and _hides_object(value):
        raise _refused(path, key, _shown(value), "a plain value")


def _is_object(value: object, base: type) -> bool:
    """Returns whether a value is a class that may be named, and its arguments."""
    if not isinstance(value, dict) or value.keys() - {"class_path", "init_args"}:
        return False
    if not isinstance(value.get("init_args", {}), dict | None):
        return False
    found = find_class(str(value.get("class_path")))
    return isinstance(found, type) and issubclass(found, base)


def _hides_object(value: object) -> bool:
    """Returns whether a value names a class, also by YAML in a string, which the parser reads."""
    if isinstance(value, str):
        loaded = _loaded(value)
        return not isinstance(loaded, str) and _hides_object(loaded)
    if isinstance(value, dict):
        return "class_path" in value or any(map(_hides_object, value.values()))
    return isinstance(value, list) and any(map(_hides_object, value))


def _values(
    key: tuple[str, ...], value: dict[str, object] | list[object]
) -> Iterator[tuple[tuple[str, ...], object]]:
    """Yields all values below a key, with their keys."""
    for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*key, str(name)), inner
        if isinstance(inner, dict | list):
            yield from _values((*key, str(name)), inner)


def _plain(section: object, pattern: str) -> dict[str, object]:
    """Returns the options of a section that have such names and plain values."""
    options = section if isinstance(section, dict) else {}
    return {
        name: value
        for name, value in options.items()
        if re.fullmatch(pattern, str(name)) and _is_plain(value)
    }


def _is_plain(value: object) -> bool:
    several = value if isinstance(value, list) else [value]
    return all(each is None or isinstance(each, bool | int | float | str) for each in several)


def _loaded(text: str) -> object:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return text


def _shown(value: object) -> str:
    return str(value.get("class_path", value) if isinstance(value, dict) else value)[:200]


def _refused(path: Path, key: tuple[str, ...], found: object, expected: str) -> InputError:
    return InputError(
        "a run's config.yaml must name only classes of arabic_mtl, of installed distributions "
        "that announce them, or that are imported already",
        found=f"{'.'.join(key)}: {found}",
        expected=f"{expected}; or, if you trust the file as you trust code: --config {path}",
        file=path,
    )
