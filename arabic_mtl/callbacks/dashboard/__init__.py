"""What a run shows of itself in TensorBoard: pictures, texts and figures, as pure functions."""
