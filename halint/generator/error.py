"""What is wrong with a CLUSTER.toml, or with the place to write to."""

from __future__ import annotations


class GenerateError(Exception):
    """Nothing was written. The message names the file and, where there is one, the key."""
