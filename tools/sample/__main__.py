"""Writes the sample corpus of `arabic_mtl/sample`.

python -m tools.sample
"""

from tools.sample.generate import main

if __name__ == "__main__":
    main()
