"""keepalived.conf as a language: which keyword may stand where, what it takes, what becomes of the rest."""
