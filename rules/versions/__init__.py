"""VE1: what the target version no longer, or not yet, reads."""
