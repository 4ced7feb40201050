"""TensorBoard figures, tables and scalars of a run, and the callback that writes them."""
