"""A run whose every head is one of Hugging Face's."""

from __future__ import annotations

import pytest
from export_runs import first_tokens, fitted
from local_models import Run


@pytest.fixture(scope="session")
def plain_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """That run."""
    return fitted(tmp_path_factory.mktemp("plain"), first_tokens())
