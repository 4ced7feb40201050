"""Shared helpers of the tests. Downloads are disabled, and torch uses one thread."""

import os

import huggingface_hub.constants
import pytest
import torch

os.environ["HF_HUB_OFFLINE"] = "1"
huggingface_hub.constants.HF_HUB_OFFLINE = True  # if the client is already imported
torch.set_num_threads(1)  # more threads do not speed up tiny models
pytest.register_assert_rewrite("support.annotations", "support.closeness")
