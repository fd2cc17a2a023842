"""KA3: clusters that meet on one L2 segment."""
