"""FW1: what the firewall lets through."""
