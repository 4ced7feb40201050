"""Operations per token and peak FLOP/s of devices."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from transformers import BertConfig, BertModel

from arabic_mtl.callbacks.dashboard.peak import compute_dtype, flops_per_token, peak_flops


def test_operations_are_those_of_a_counter() -> None:
    """Counts a BERT's forward and backward pass without the products inside attention."""
    config = BertConfig(
        vocab_size=50,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
    )
    model = BertModel(config, add_pooling_layer=False)
    with FlopCounterMode(display=False) as counter:
        model(torch.ones(3, 5, dtype=torch.long)).last_hidden_state.sum().backward()
    counts = {str(op): n for op, n in counter.get_flop_counts()["Global"].items()}
    products = sum(n for op, n in counts.items() if "mm" in op and "bmm" not in op)
    assert flops_per_token(model) * 15 == products


def test_embeddings_and_biases_are_not_counted() -> None:
    parts = nn.ModuleList([nn.Embedding(1000, 4), nn.Linear(4, 5), nn.LSTM(4, 3), nn.LayerNorm(4)])
    assert flops_per_token(parts) == 6 * (4 * 5 + 12 * 4 + 12 * 3)


def test_a_cpu_is_measured() -> None:
    peak = peak_flops(torch.device("cpu"), "32-true")
    assert peak is not None
    assert 1e8 < peak < 1e15


def test_a_gpu_is_looked_up_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "NVIDIA H100 80GB HBM3")
    assert peak_flops(torch.device("cuda"), "bf16-mixed") == pytest.approx(990e12, rel=0.02)


def test_data_types_of_precisions() -> None:
    names = ("bf16-mixed", "bf16-true", "16-mixed", "32-true", "32", "64-true")
    dtypes = [torch.bfloat16] * 2 + [torch.float16] + [torch.float32] * 2 + [torch.float64]
    assert list(map(compute_dtype, names)) == dtypes
