"""LV: the virtual servers of keepalived."""
