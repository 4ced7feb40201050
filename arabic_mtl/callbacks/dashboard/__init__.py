"""TensorBoard's pictures, texts and figures of a run, and the callback that writes them."""
