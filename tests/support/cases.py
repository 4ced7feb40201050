"""Parametrized cases, most of them marked as slow."""

from collections.abc import Mapping
from typing import Any

import pytest


def slow(*cases: Any) -> list[Any]:
    """Returns the cases (single arguments or tuples of them), all marked as slow."""
    return [
        pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.slow)
        for case in cases
    ]


def slow_except(cases: Mapping[str, Any], *names: str) -> list[Any]:
    """Returns all cases with their names as ids; all but the named ones are marked as slow."""
    assert set(names) <= set(cases)
    return [
        pytest.param(
            *(case if isinstance(case, tuple) else (case,)),
            marks=[] if name in names else [pytest.mark.slow],
            id=name,
        )
        for name, case in cases.items()
    ]
