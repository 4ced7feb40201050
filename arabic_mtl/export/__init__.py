"""Export of trained models: a folder for this package, Hugging Face models, ONNX graphs."""

from arabic_mtl.export.folder import Outcome, TrainedModel, open_model, write_model

__all__ = ["Outcome", "TrainedModel", "open_model", "write_model"]
