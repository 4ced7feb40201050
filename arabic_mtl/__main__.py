"""``python -m arabic_mtl`` is ``python train.py``, from anywhere."""

import sys

from arabic_mtl.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
