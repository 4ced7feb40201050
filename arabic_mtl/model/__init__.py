"""One network: tokens in, an encoder that all tasks share, a head per task."""
