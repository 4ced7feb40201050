"""The command line from a checkout: the same as ``arabic-mtl``. See ``--help``."""

import sys

from arabic_mtl.cli import main

if __name__ == "__main__":
    sys.exit(main())
