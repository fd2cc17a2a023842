"""SY: kernel parameters."""
