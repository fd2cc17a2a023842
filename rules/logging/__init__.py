"""LG1: where log lines end up, and whether they are rotated."""
