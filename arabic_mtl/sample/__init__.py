"""A small corpus of synthetic Arabic hotel and restaurant reviews, and its generator.

The three XML files follow the SemEval-2016 Task 5 sentence-level schema. ``lexicon.yaml`` and
``frames.yaml`` hold the Arabic; ``python -m arabic_mtl.sample.generate`` rewrites the files.
"""
