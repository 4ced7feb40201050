"""A package, so that its conftest and that of ``tests`` have different names."""
