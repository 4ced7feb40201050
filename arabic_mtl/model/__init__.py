"""The network: an encoder that all tasks share, and one head per task."""
