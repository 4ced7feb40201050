"""Trains, evaluates and applies one Arabic encoder with many tasks: see ``--help``."""

import sys

from arabic_mtl.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
