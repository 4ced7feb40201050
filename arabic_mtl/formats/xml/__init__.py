"""The XML formats of SemEval-2014 Task 4 and SemEval-2016 Task 5."""

from arabic_mtl.formats.xml.semeval2014 import SemEval2014
from arabic_mtl.formats.xml.semeval2016 import SemEval2016

__all__ = ["SemEval2014", "SemEval2016"]
