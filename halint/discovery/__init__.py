"""From the checked paths to nodes with their files."""
