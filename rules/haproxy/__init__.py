"""HA1: faults of a haproxy configuration."""
