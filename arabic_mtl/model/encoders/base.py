"""The base classes of encoders, which map tokens to one vector per token."""

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
    """The layers that all tasks share.

    Args:
        hidden_size: The length of a token's vector.
    """

    inputs: ClassVar[tuple[str, ...]] = ()
    """The names of the arguments of `read`, from `arabic_mtl.inference.session.INPUTS`; empty for
    a network that cannot be exported as a graph."""

    def __init__(self, hidden_size: int) -> None:
        super().__init__()
        self.hidden_size = hidden_size

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Writes the files that `Encoder.build` needs, besides a checkpoint, to build it again."""

    @property
    def plain(self) -> nn.Module:
        """Returns the module whose weights are exported: by default the network itself."""
        return self

    def blocks(self) -> Iterable[nn.Module]:
        """Returns the modules that FSDP shards one by one: by default none."""
        return ()

    @abstractmethod
    def forward(self, tokens: Tokens) -> Tensor:
        """Computes the hidden states of a batch (rows, tokens, hidden_size)."""

    def read(self, *inputs: Tensor) -> Tensor:
        """Computes hidden states from the tensors in `inputs`, one window per row."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Encoder(ABC):
    """The settings of an encoder; `build` makes its network.

    Args:
        saved: A folder written by an earlier run (`EncoderNetwork.save`). It replaces all other
            settings if the weights come from a checkpoint.
    """

    form: ClassVar[Form] = "pieces"
    """The unit of the encoder's tokens, which the text pipeline adopts."""

    saved: Path | None = None

    @abstractmethod
    def build(self, text: TextPipeline) -> EncoderNetwork:
        """Builds the network for the vocabulary of a loaded text pipeline."""
