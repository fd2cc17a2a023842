"""Findings as text and as data: one module an output format."""
