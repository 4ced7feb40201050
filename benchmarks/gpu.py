"""What a base-size encoder does on a GPU in bf16: padded or not, compiled or not.

    python benchmarks/gpu.py --root FOLDER [--times 1 10] [--budgets 4096 16384]

Training steps of the encoder alone, over rows as long as those of the corpus, or so many times as
long, in steps as the plan cuts them: forward, backward, clipping, AdamW. In turn, an epoch of each
variant; medians. Unpadded: all rows end to end, attention by flash attention's kernel for such
(`torch.nn.attention.varlen`), which knows no dropout; so its rivals come with and without.
"""

import argparse
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import AttentionInterface, AttentionMaskInterface, BertConfig, BertModel

from arabic_mtl.callbacks.dashboard.peak import flops_per_token, peak_flops
from arabic_mtl.cli.commands import Commands
from arabic_mtl.cli.quiet import be_quiet
from arabic_mtl.data.plan import SamplingPlan
from arabic_mtl.training.optimizer import adamw

VOCABULARY = 64_000  # AraBERT's
LONGEST = 512

Rows = list[list[int]]
Lengths = np.ndarray[Any, np.dtype[np.int64]]


class Padded:
    """Rows padded to the longest of a step.

    Args:
        lengths: Of the rows of a step.
        device: Where they are read.
    """

    def __init__(self, lengths: Lengths, device: torch.device) -> None:
        self.mask = torch.arange(int(lengths.max())) < torch.from_numpy(lengths)[:, None]
        self.mask = self.mask.long().to(device)
        self.ids = torch.randint(5, VOCABULARY, self.mask.shape, device=device) * self.mask

    def read(self, model: nn.Module) -> Tensor:
        """Hidden states of the tokens, one after the other (tokens, size)."""
        hidden: Tensor = model(self.ids, attention_mask=self.mask).last_hidden_state
        return hidden[self.mask.bool()]


class Unpadded:
    """The same rows, end to end.

    Args:
        padded: What they are taken from.
    """

    def __init__(self, padded: Padded) -> None:
        mask = padded.mask.bool()
        lengths = mask.sum(1)
        self.ids = padded.ids[mask][None]
        self.positions = torch.arange(mask.shape[1], device=mask.device).expand_as(mask)[mask][None]
        self.starts = nn.functional.pad(lengths.cumsum(0), (1, 0)).int()
        self.longest = mask.shape[1]

    def read(self, model: nn.Module) -> Tensor:
        """As `Padded.read`."""
        places = {"position_ids": self.positions, "starts": self.starts, "longest": self.longest}
        hidden: Tensor = model(self.ids, **places).last_hidden_state
        return hidden[0]


def unpadded_attention(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: None,
    scaling: float,
    starts: Tensor,
    longest: int,
    **_: Any,
) -> tuple[Tensor, None]:
    """Every row's attention to itself: (1, heads, tokens, size) → (1, tokens, heads, size)."""
    if query.device.type == "cpu":  # which has no such kernel: row by row, to check by
        lengths = starts.diff().tolist()
        rows = zip(*(part.split(lengths, 2) for part in (query, key, value)), strict=True)
        of_rows = [nn.functional.scaled_dot_product_attention(*row, scale=scaling) for row in rows]
        return torch.cat(of_rows, 2).transpose(1, 2), None
    from torch.nn.attention.varlen import varlen_attn

    parts = (part[0].transpose(0, 1) for part in (query, key, value))
    found = varlen_attn(*parts, starts, starts, longest, longest, scale=scaling)
    return found[None], None  # type: ignore[index]


def no_mask(*_: Any, **__: Any) -> None:
    """The rows' ends are told otherwise."""


AttentionInterface.register("unpadded", unpadded_attention)
AttentionMaskInterface.register("unpadded", no_mask)

VARIANTS: dict[str, tuple[str, float, bool]] = {
    "padded, sdpa": ("sdpa", 0.1, False),
    "padded, eager": ("eager", 0.1, False),
    "padded, sdpa, no attention dropout": ("sdpa", 0.0, False),
    "unpadded, no attention dropout": ("unpadded", 0.0, False),
    "padded, sdpa, compiled": ("sdpa", 0.1, True),
    "unpadded, no attention dropout, compiled": ("unpadded", 0.0, True),
}
"""Title to attention, its dropout, and whether the layers are compiled."""


class Variant:
    """One way to train.

    Args:
        attention: As transformers names it.
        dropout: Of attention.
        compiled: Whether its layers are, by torch.compile.
        size: Fields of the configuration.
        device: Where.
    """

    def __init__(
        self, attention: str, dropout: float, compiled: bool, size: dict[str, int], device: Any
    ) -> None:
        config = BertConfig(vocab_size=VOCABULARY, attention_probs_dropout_prob=dropout, **size)
        config._attn_implementation = attention
        torch.manual_seed(0)
        self.model = BertModel(config, add_pooling_layer=False).to(device)
        for layer in self.model.encoder.layer if compiled else ():
            layer.compile(dynamic=True)  # one by one: they share what is compiled
        self.optimizer = adamw(self.model, lr=1e-5, weight_decay=0.01)
        self.unpadded, self.device = attention == "unpadded", device

    def step(self, rows: Padded | Unpadded) -> Tensor:
        """An update; the loss is any that needs all hidden states."""
        with torch.autocast(self.device.type, torch.bfloat16):
            loss = rows.read(self.model).float().square().mean()
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        return loss.detach()

    def epoch(self, steps: list[Padded]) -> float:
        """Seconds of an epoch."""
        rows = [Unpadded(step) if self.unpadded else step for step in steps]
        _wait(self.device)
        start = time.perf_counter()
        for step in rows:
            self.step(step)
        _wait(self.device)
        return time.perf_counter() - start


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


def steps_of(lengths: Lengths, budget: int, device: torch.device) -> Iterator[Padded]:
    """The rows of an epoch's steps."""
    plan = SamplingPlan(batch_size=None, token_budget=budget)
    for step in plan.steps({"rows": lengths}, seed=0, epoch=0):
        yield Padded(lengths[step["rows"]], device)


def compare(lengths: Lengths, budget: int, variants: dict[str, Variant], rounds: int) -> None:
    """Measures the variants and prints a table."""
    device = next(iter(variants.values())).device
    steps = list(steps_of(lengths, budget, device))
    tokens, places = int(lengths.sum()), sum(step.mask.numel() for step in steps)
    print(
        f"\n{len(lengths)} rows of {lengths.mean():.0f} tokens, {len(steps)} steps of {budget}, "
        f"{1 - tokens / places:.1%} padding",
        flush=True,
    )
    memory, first = {}, {}
    for title, variant in variants.items():
        first[title] = variant.epoch(steps)  # warms up, and compiles
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats()
            held = torch.cuda.memory_allocated()
            variant.epoch(steps)
            memory[title] = (torch.cuda.max_memory_allocated() - held) / 2**20
    times: dict[str, list[float]] = {title: [] for title in variants}
    for _ in range(rounds):
        for title, variant in variants.items():
            times[title].append(variant.epoch(steps))
    peak = peak_flops(device, "bf16-mixed") or float("nan")
    for title, found in times.items():
        speed = tokens / median(found)
        mfu = speed * flops_per_token(variants[title].model) / peak
        print(
            f"{title:<46} {speed:10.0f} tokens/s {100 * mfu:5.1f} % MFU "
            f"{memory.get(title, 0):7.0f} MiB of a step; first epoch {first[title]:5.1f} s",
            flush=True,
        )


def same(size: dict[str, int], device: torch.device) -> float:
    """The most that hidden states differ between padded and unpadded rows, without dropout."""
    rows = Padded(np.array([3, 17, 9, 30]), device)
    two = [Variant(of, 0.0, False, size, device).model.eval() for of in ("sdpa", "unpadded")]
    with torch.no_grad(), torch.autocast(device.type, torch.bfloat16):
        padded, unpadded = rows.read(two[0]), Unpadded(rows).read(two[1])
    return float((padded - unpadded).abs().max())


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", required=True, help="the folder of the XML")
    parser.add_argument("--times", type=int, nargs="*", default=[1, 10], help="rows' lengths")
    parser.add_argument("--budgets", type=int, nargs="*", default=[4096, 16384])
    parser.add_argument("--compiled", action="store_true", help="compiled layers, too: minutes")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--layers", type=int, default=12)
    parser.add_argument("--hidden", type=int, default=768)
    arguments = parser.parse_args()
    be_quiet()
    root = f"--data.root={arguments.root}"
    data = Commands(["--config", "configs/fast.yaml", root], run=False).datamodule
    data.prepare_data()
    data.setup()
    (lengths,) = data.lengths("train").values()
    size = {
        "num_hidden_layers": arguments.layers,
        "hidden_size": arguments.hidden,
        "num_attention_heads": arguments.hidden // 64,
        "intermediate_size": 4 * arguments.hidden,
    }
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    name = torch.cuda.get_device_name() if device.type == "cuda" else "CPU"
    print(
        f"{name}, torch {torch.__version__}; unpadded differs by {same(size, device):.4f} at most"
    )
    variants = {
        title: Variant(*chosen, size, device)
        for title, chosen in VARIANTS.items()
        if arguments.compiled or "compiled" not in title
    }
    for times in arguments.times:
        chosen = np.minimum(lengths * times, LONGEST)
        for budget in arguments.budgets:
            compare(chosen[::times], budget, variants, arguments.rounds)


if __name__ == "__main__":
    main()
