"""What fixes are made of, and how they reach the files."""
