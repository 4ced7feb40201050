"""Limits on the load of the service."""

from dataclasses import dataclass, fields

from arabic_mtl.errors import InputError
from arabic_mtl.inference.inputs import MAX_CHARACTERS

_JSON_BYTES = 12  # of a character at most: two escapes, if it is outside of the basic plane


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The limits of the service, beyond which requests are rejected.

    Args:
        characters: The largest number of characters of a text; longer texts get status 413.
        texts: The largest number of texts of a request; larger requests get status 413.
        waiting: The largest number of texts in the queue; further requests get status 429.
        batch_size: The largest number of texts in a batch.
        seconds: The longest time that a request waits for its annotations; then it gets
            status 503.
    """

    characters: int = 10_000
    texts: int = 64
    waiting: int = 512
    batch_size: int = 32
    seconds: float = 30.0

    def __post_init__(self) -> None:
        """Checks the limits.

        Raises:
            InputError: If a limit is not positive, or contradicts another one.
        """
        for field in fields(self):
            name, value = f"--{field.name.replace('_', '-')}", getattr(self, field.name)
            if not value > 0:
                _reject(f"{name} must be positive", f"{name} {value}", "more than 0")
        if self.characters > MAX_CHARACTERS:
            rule = "--characters must not exceed the longest text that a model accepts"
            _reject(rule, f"--characters {self.characters}", f"at most {MAX_CHARACTERS}")
        if self.texts > self.waiting:
            rule = "--waiting must be large enough for one request"
            found = f"--texts {self.texts}, --waiting {self.waiting}"
            _reject(rule, found, f"--waiting {self.texts} or more, or fewer --texts")

    @property
    def bytes(self) -> int:
        """Returns the largest number of bytes that a request within the limits can have."""
        return _JSON_BYTES * self.characters * self.texts + 1024


def _reject(rule: str, found: str, expected: str) -> None:
    raise InputError(rule, found=found, expected=expected)
