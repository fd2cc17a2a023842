"""KA4: health checks that will not move the address."""
