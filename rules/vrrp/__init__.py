"""KA1: faults that one node shows in its own VRRP configuration."""
