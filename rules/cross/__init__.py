"""CX1: what keepalived and haproxy must agree on."""
