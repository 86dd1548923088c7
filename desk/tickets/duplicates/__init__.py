"""Repeats and duplicates (重复诉求): found by an explainable score, suggested, joined (并单), undone."""
