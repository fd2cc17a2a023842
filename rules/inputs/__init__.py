"""HL: the input itself, and suppressions."""
