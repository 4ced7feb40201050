"""What tests share; nothing is fetched, and one thread is enough for tiny models."""

import os

import huggingface_hub.constants
import pytest
import torch

os.environ["HF_HUB_OFFLINE"] = "1"
huggingface_hub.constants.HF_HUB_OFFLINE = True  # where the hub client is already imported
torch.set_num_threads(1)  # several gain nothing on tiny models and disturb each other
pytest.register_assert_rewrite("support.annotations", "support.closeness")
