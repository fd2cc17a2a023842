"""haproxy.cfg line by line, as haproxy reads it: what it takes where, and what it says of the rest."""
