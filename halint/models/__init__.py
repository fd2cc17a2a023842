"""Typed views of the trees: what each daemon will use, and where it is written."""
