"""The classes that a model's description names."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from arabic_mtl.annotate.description import Made
from arabic_mtl.errors import InputError


def class_of(made: Made, base: type, folder: Path) -> Any:
    """Finds a class by its import path.

    Args:
        made: Names the class.
        base: What it has to be a subclass of.
        folder: The model's, of which no code is run: what lies in it, or around it, is not
            imported.

    Raises:
        InputError: If there is no such class that may be used.
    """
    module = made.class_path.split(".")[0]
    try:
        spec = find_spec(module)
        if spec and not spec.origin:  # any folder is one, and so is what lies in it
            raise _refused(made, base, "which is in no package: a folder without __init__.py")
        if spec and not _is_apart(spec, folder.resolve()):
            raise _refused(made, base, "which lies in the model's own folder, or around it")
        found = resolve_name(made.class_path)
    except (ImportError, AttributeError, ValueError) as error:
        raise _refused(made, base, f"which cannot be imported: {error}") from None
    if not (isinstance(found, type) and issubclass(found, base)):
        raise _refused(made, base, "which is none")
    return found


def _is_apart(spec: ModuleSpec, folder: Path) -> bool:
    """Whether a package and a folder have nothing to do with each other."""
    packages = [Path(place).resolve() for place in spec.submodule_search_locations or ()]
    places = [Path(spec.origin or "").resolve(), *packages]
    return not any(place.is_relative_to(folder) or folder.is_relative_to(place) for place in places)


@contextmanager
def arguments_of(made: Made) -> Iterator[None]:
    """Tells arguments that a class does not take.

    Raises:
        InputError: In place of what the class raises.
    """
    try:
        yield
    except (TypeError, KeyError, ValueError) as error:
        raise InputError(
            "a model is made with arguments that its classes take",
            found=f"{made.class_path}: {type(error).__name__}: {error}",
            expected="model.json as it was written",
        ) from None


def _refused(made: Made, base: type, why: str) -> InputError:
    return InputError(
        f"a model is made of installed classes, such as a {base.__name__}",
        found=f"{made.class_path}, {why}",
        expected=f"a subclass of {base.__module__}.{base.__name__}, in an installed package",
    )
