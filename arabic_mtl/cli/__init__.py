"""The command line."""

from arabic_mtl.cli.main import main

__all__ = ["main"]
