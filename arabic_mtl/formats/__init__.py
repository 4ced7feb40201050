"""Files of texts, annotated: each kind is read, and written again with what a model says.

Nothing is in memory but what is being annotated. The text pipeline and torch are not needed.
"""
