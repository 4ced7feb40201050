"""Writes docs/configuration.md.

python -m tools.configuration
"""

from tools.configuration.page import page
from tools.paths import ROOT

if __name__ == "__main__":
    (ROOT / "docs" / "configuration.md").write_text(page(), encoding="utf-8")
