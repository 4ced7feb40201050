"""The linear baseline: TF-IDF and support vector machines, and a CRF, for the same tasks.

Imported where it is used, for its packages are an extra of the installation.
"""

from arabic_mtl.errors import InputError

try:
    import sklearn  # noqa: F401
    import sklearn_crfsuite  # noqa: F401
except ImportError as error:
    raise InputError(
        "the linear baseline is made by packages that are installed",
        found=f"no {error.name}",
        expected="pip install 'arabic-mtl[baseline]'",
    ) from None

from arabic_mtl.baselines.linear import (  # noqa: F401 - kinds register
    multilabel,
    sequence,
    span,
    token,
)
from arabic_mtl.baselines.linear.learn import Piece, Predictor, can_learn, learn
from arabic_mtl.baselines.linear.system import Linear

__all__ = ["Linear", "Piece", "Predictor", "can_learn", "learn"]
