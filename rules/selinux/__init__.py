"""SE: SELinux."""
