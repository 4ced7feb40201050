"""The linear baseline of all tasks: support vector machines over TF-IDF, and a CRF for tags.

It is imported where it is used, because its packages are an optional extra.
"""

from arabic_mtl.errors import InputError

try:
    import sklearn  # noqa: F401
    import sklearn_crfsuite  # noqa: F401
except ImportError as error:
    raise InputError(
        "the packages of the linear baseline must be installed",
        found=f"no {error.name}",
        expected="pip install 'arabic-mtl[baseline]'",
    ) from None

from arabic_mtl.baselines.linear import (  # noqa: F401 - registers the kinds
    multilabel,
    sequence,
    span,
    token,
)
from arabic_mtl.baselines.linear.learn import Predictor, TrainingRows, can_learn, learn
from arabic_mtl.baselines.linear.system import Linear

__all__ = ["Linear", "Predictor", "TrainingRows", "can_learn", "learn"]
