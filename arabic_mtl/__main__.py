"""The command line as ``python -m arabic_mtl``: the same as ``arabic-mtl``."""

import sys

from arabic_mtl.cli import main

if __name__ == "__main__":
    sys.exit(main())
