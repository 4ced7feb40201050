"""Cases of a test, of which a few are run each time."""

from collections.abc import Mapping
from typing import Any

import pytest


def slow(*cases: Any) -> list[Any]:
    """Cases for `make test-slow`, each the tuple of its arguments, or its one argument."""
    return [
        pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.slow)
        for case in cases
    ]


def few(cases: Mapping[str, Any], *names: str) -> list[Any]:
    """All of them by their names; those that are not named here are slow."""
    assert set(names) <= set(cases)
    return [
        pytest.param(
            *(case if isinstance(case, tuple) else (case,)),
            marks=[] if name in names else [pytest.mark.slow],
            id=name,
        )
        for name, case in cases.items()
    ]
