"""The contract of an encoder: tokens in, one vector per token out."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from torch import Tensor, nn

from arabic_mtl.model.tokens import Tokens
from arabic_mtl.text import TextPipeline
from arabic_mtl.text.settings import Form


class EncoderNetwork(nn.Module, ABC):
    """The parameters that all tasks share.

    Args:
        hidden_size: The length of the vector that a token gets.
    """

    inputs: ClassVar[tuple[str, ...]] = ()
    """What `read` takes, where the network can be exported as a graph: arrays by the names of
    `arabic_mtl.inference.session.INPUTS`."""

    def __init__(self, hidden_size: int) -> None:
        super().__init__()
        self.hidden_size = hidden_size

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Writes what `Encoder.build` needs, besides a checkpoint, to make the network again."""

    @property
    def plain(self) -> nn.Module:
        """What holds the weights when the encoder is exported: the network itself, by default."""
        return self

    def blocks(self) -> Iterable[nn.Module]:
        """The parts that may be spread over processes one by one: by default none."""
        return ()

    @abstractmethod
    def forward(self, tokens: Tokens) -> Tensor:
        """A batch → hidden states (rows, tokens, hidden_size)."""

    def read(self, *inputs: Tensor) -> Tensor:
        """The same from the tensors that `inputs` names, in windows already where need be."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Encoder(ABC):
    """What a configuration says of an encoder; `build` makes its parameters.

    Args:
        saved: A folder written by an earlier run (`EncoderNetwork.save`), used instead of all
            else where the weights come from a checkpoint.
    """

    form: ClassVar[Form] = "pieces"
    """What it reads; the text pipeline follows."""

    saved: Path | None = None

    @abstractmethod
    def build(self, text: TextPipeline) -> EncoderNetwork:
        """Makes the network for a loaded text pipeline, whose vocabulary decides its size."""
