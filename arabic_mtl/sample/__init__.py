"""A small corpus of synthetic Arabic hotel and restaurant reviews: data only.

The three XML files follow the SemEval-2016 Task 5 sentence-level schema. In a checkout of the
project, ``python -m tools.sample`` rewrites them.
"""
