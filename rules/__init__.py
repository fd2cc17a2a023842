"""The rules: a folder a group, a rule a file, and its page beside it."""
