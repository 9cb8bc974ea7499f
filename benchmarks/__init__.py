"""Figures: how fast, how soon, how much. Run by `make bench`; nothing here is imported by LineLab or asserts a time."""
