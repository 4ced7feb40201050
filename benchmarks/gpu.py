"""The training speed of a base-size encoder on a GPU in bf16, with and without padding.

    python benchmarks/gpu.py --root FOLDER [--times 1 10] [--budgets 4096 16384]

Runs training steps of the encoder alone: forward pass, backward pass, gradient clipping and AdamW.
The rows have the lengths of the corpus, or a multiple of them; the sampling plan batches them.
Measures an epoch of each variant, alternately, and prints medians. Without padding all rows of a
step are concatenated, and attention uses the flash attention kernel for variable lengths
(`torch.nn.attention.varlen`). That kernel has no dropout, so the padded variants are measured with
and without dropout.
"""

import argparse
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

import numpy as np
import torch
from saving import add_save_option, save
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
    """The rows of a step, padded to the longest row.

    Args:
        lengths: The lengths of the rows, in tokens (rows,).
        device: The device of the tensors.
    """

    def __init__(self, lengths: Lengths, device: torch.device) -> None:
        self.mask = torch.arange(int(lengths.max())) < torch.from_numpy(lengths)[:, None]
        self.mask = self.mask.long().to(device)
        self.ids = torch.randint(5, VOCABULARY, self.mask.shape, device=device) * self.mask

    def read(self, model: nn.Module) -> Tensor:
        """Runs the encoder; returns the hidden states of all tokens (tokens, hidden_size)."""
        hidden: Tensor = model(self.ids, attention_mask=self.mask).last_hidden_state
        return hidden[self.mask.bool()]


class Unpadded:
    """The rows of a step, concatenated without padding.

    Args:
        padded: The padded rows.
    """

    def __init__(self, padded: Padded) -> None:
        mask = padded.mask.bool()
        lengths = mask.sum(1)
        self.ids = padded.ids[mask][None]
        self.positions = torch.arange(mask.shape[1], device=mask.device).expand_as(mask)[mask][None]
        self.starts = nn.functional.pad(lengths.cumsum(0), (1, 0)).int()
        self.longest = mask.shape[1]

    def read(self, model: nn.Module) -> Tensor:
        """Runs the encoder; returns the hidden states of all tokens (tokens, hidden_size)."""
        layout = {"position_ids": self.positions, "starts": self.starts, "longest": self.longest}
        hidden: Tensor = model(self.ids, **layout).last_hidden_state
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
    """Computes attention within each row: (1, heads, tokens, size) → (1, tokens, heads, size)."""
    if query.device.type == "cpu":  # without such a kernel: row by row, only to compare results
        lengths = starts.diff().tolist()
        rows = zip(*(part.split(lengths, 2) for part in (query, key, value)), strict=True)
        outputs = [nn.functional.scaled_dot_product_attention(*row, scale=scaling) for row in rows]
        return torch.cat(outputs, 2).transpose(1, 2), None
    from torch.nn.attention.varlen import varlen_attn

    parts = (part[0].transpose(0, 1) for part in (query, key, value))
    output = varlen_attn(*parts, starts, starts, longest, longest, scale=scaling)
    return output[None], None  # type: ignore[index]


def no_mask(*_: Any, **__: Any) -> None:
    """Returns None: unpadded rows need no attention mask, they are delimited by ``starts``."""


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
"""Title to the attention implementation, its dropout, and True for compiled layers."""


class Variant:
    """An encoder to measure, with its optimizer.

    Args:
        attention: The attention implementation, by its name in transformers.
        dropout: The dropout probability of attention weights.
        compiled: True to compile the layers with `torch.compile`.
        size: The fields of `BertConfig` that set the size of the model.
        device: The device of the model.
    """

    def __init__(
        self, attention: str, dropout: float, compiled: bool, size: dict[str, int], device: Any
    ) -> None:
        config = BertConfig(vocab_size=VOCABULARY, attention_probs_dropout_prob=dropout, **size)
        config._attn_implementation = attention
        torch.manual_seed(0)
        self.model = BertModel(config, add_pooling_layer=False).to(device)
        for layer in self.model.encoder.layer if compiled else ():
            layer.compile(dynamic=True)  # one by one: all layers share the compiled code
        self.optimizer = adamw(self.model, lr=1e-5, weight_decay=0.01)
        self.unpadded, self.device = attention == "unpadded", device

    def step(self, rows: Padded | Unpadded) -> Tensor:
        """Runs an optimizer step, and returns its loss, the mean square of the hidden states."""
        with torch.autocast(self.device.type, torch.bfloat16):
            loss = rows.read(self.model).float().square().mean()
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        return loss.detach()

    def epoch(self, steps: list[Padded]) -> float:
        """Trains one epoch, and returns its seconds."""
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


def padded_steps(lengths: Lengths, budget: int, device: torch.device) -> Iterator[Padded]:
    """Yields the padded rows of each step of an epoch."""
    plan = SamplingPlan(batch_size=None, token_budget=budget)
    for step in plan.steps({"rows": lengths}, seed=0, epoch=0):
        yield Padded(lengths[step["rows"]], device)


def compare(
    lengths: Lengths, budget: int, variants: dict[str, Variant], rounds: int
) -> dict[str, dict[str, float]]:
    """Measures the variants on rows of some lengths, prints a table and returns the figures."""
    device = next(iter(variants.values())).device
    steps = list(padded_steps(lengths, budget, device))
    tokens, positions = int(lengths.sum()), sum(step.mask.numel() for step in steps)
    print(
        f"\n{len(lengths)} rows of {lengths.mean():.0f} tokens, {len(steps)} steps of {budget}, "
        f"{1 - tokens / positions:.1%} padding",
        flush=True,
    )
    memory, first = {}, {}
    for title, variant in variants.items():
        first[title] = variant.epoch(steps)  # warm-up and compilation
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats()
            initial = torch.cuda.memory_allocated()
            variant.epoch(steps)
            memory[title] = (torch.cuda.max_memory_allocated() - initial) / 2**20
    times: dict[str, list[float]] = {title: [] for title in variants}
    for _ in range(rounds):
        for title, variant in variants.items():
            times[title].append(variant.epoch(steps))
    peak = peak_flops(device, "bf16-mixed") or float("nan")
    figures: dict[str, dict[str, float]] = {}
    for title, values in times.items():
        speed = tokens / median(values)
        mfu = speed * flops_per_token(variants[title].model) / peak
        print(
            f"{title:<46} {speed:10.0f} tokens/s {100 * mfu:5.1f} % MFU "
            f"{memory.get(title, 0):7.0f} MiB per step; first epoch {first[title]:5.1f} s",
            flush=True,
        )
        figures[title] = {
            "tokens per second": round(speed, -3),
            "MFU": round(100 * mfu, 1),
            "GiB": round(memory.get(title, 0) / 1024, 1),
            "first epoch": round(first[title], 1),
        }
    return figures


def max_difference(size: dict[str, int], device: torch.device) -> float:
    """Returns the largest difference between the hidden states of padded and unpadded rows."""
    rows = Padded(np.array([3, 17, 9, 30]), device)
    kinds = ("sdpa", "unpadded")
    models = [Variant(kind, 0.0, False, size, device).model.eval() for kind in kinds]
    with torch.no_grad(), torch.autocast(device.type, torch.bfloat16):
        padded, unpadded = rows.read(models[0]), Unpadded(rows).read(models[1])
    return float((padded - unpadded).abs().max())


def main() -> None:
    """Measures and prints a table for each row length and token budget."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--root", required=True, help="folder of the XML files")
    add("--times", type=int, nargs="*", default=[1, 10], help="factors of the rows' lengths")
    add("--budgets", type=int, nargs="*", default=[4096, 16384], help="tokens per step")
    add("--compiled", action="store_true", help="measure compiled layers, too (takes minutes)")
    add("--rounds", type=int, default=5, help="number of measurements")
    add("--layers", type=int, default=12, help="layers of the encoder")
    add("--hidden", type=int, default=768, help="hidden size of the encoder")
    add_save_option(parser)
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
    difference = max_difference(size, device)
    print(f"{name}, torch {torch.__version__}; unpadded differs by {difference:.4f} at most")
    variants = {
        title: Variant(*options, size, device)
        for title, options in VARIANTS.items()
        if arguments.compiled or "compiled" not in title
    }
    figures: dict[str, dict[str, float]] = {}
    for times in arguments.times:
        longer = np.minimum(lengths * times, LONGEST)
        for budget in arguments.budgets:
            rows = compare(longer[::times], budget, variants, arguments.rounds)
            figures |= {f"{title}; {budget} × {times}": row for title, row in rows.items()}
    save(arguments.save, figures, device=f"{name}, torch {torch.__version__}")


if __name__ == "__main__":
    main()
