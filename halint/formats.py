"""Which format a file has, by where it stands on a node, and the reader for it."""

from __future__ import annotations

from importlib import import_module

from halint.lexer import compiled
from halint.source import Source
from halint.tree import Tree

#: Format by the path on the node; the first that matches wins. `text` has no reader.
FORMATS = (
    ("keepalived", r"/etc/keepalived/.*\.conf"),
    ("haproxy", r"/etc/haproxy/.*\.cfg"),
    ("assignments", r"/etc/firewalld/firewalld\.conf"),
    ("xml", r"/etc/firewalld/.*\.xml"),
    ("nftables", r"/etc/(?:sysconfig/)?nftables\.conf|/etc/nftables(?:\.d)?/.*"),
    ("iptables", r"/etc/sysconfig/ip6?tables|/etc/iptables/rules\.v[46]"),
    ("sysctl", r"/etc/sysctl\.conf|(?:/etc|/run|/usr/local/lib|/usr/lib|/lib)/sysctl\.d/.*\.conf"),
    ("rsyslog", r"/etc/rsyslog\.conf|/etc/rsyslog\.d/.*\.conf"),
    ("logrotate", r"/etc/logrotate\.conf|/etc/logrotate\.d/.*"),
    (
        "ini",
        r"/etc/NetworkManager/.*|/etc/systemd/(?:system|journald\.conf\.d)/.*|/etc/systemd/journald\.conf",
    ),
    ("assignments", r"/etc/(?:default|sysconfig)/.*|/(?:etc|usr/lib)/os-release"),
)


def of_path(path: str) -> str:
    """The format of the file at `path` of a node: a name of halint/readers/, or "text"."""
    return next((name for name, pattern in FORMATS if compiled(pattern).fullmatch(path)), "text")


def read(source: Source) -> Tree:
    """The tree of `source`, by the reader of its format. Never raises for what is in the file."""
    tree: Tree = import_module(f"halint.readers.{source.format}").read(source)
    return tree
