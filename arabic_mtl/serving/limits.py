"""How much a service takes upon itself."""

from dataclasses import dataclass, fields

from arabic_mtl.errors import InputError
from arabic_mtl.inference.annotator import LONGEST

_JSON = 12  # bytes of a character in the worst case: two escapes, beyond the basic plane


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What is refused rather than waited for.

    Args:
        characters: Of a text.
        texts: Of a request.
        waiting: Texts of all requests that are waiting; beyond, requests are refused with 429.
        batch_size: Texts that the model reads at once.
        seconds: That a request waits for its answer; beyond, it gets 503.
    """

    characters: int = 10_000
    texts: int = 64
    waiting: int = 512
    batch_size: int = 32
    seconds: float = 30.0

    def __post_init__(self) -> None:
        """Checks that they fit each other.

        Raises:
            InputError: Naming the option.
        """
        for field in fields(self):
            if not getattr(self, field.name) > 0:
                _refuse(f"--{field.name.replace('_', '-')} {getattr(self, field.name)}", "above 0")
        if self.characters > LONGEST:
            _refuse(f"--characters {self.characters}", f"at most {LONGEST}, as a model reads")
        if self.texts > self.waiting:
            _refuse(
                f"--texts {self.texts}, --waiting {self.waiting}",
                "room for one request among those that are waiting",
            )

    @property
    def bytes(self) -> int:
        """Of a request: as many as all its characters may take."""
        return _JSON * self.characters * self.texts + 1024


def _refuse(found: str, expected: str) -> None:
    raise InputError("limits are positive and fit each other", found=found, expected=expected)
