"""ST: how the daemons are started."""
