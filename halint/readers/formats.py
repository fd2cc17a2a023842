"""Which format a file has, by where it stands on a node, and the reader for it."""

from __future__ import annotations

from halint.lazy import imported
from halint.source import Source
from halint.tree import Tree

_UNITS = ("/etc/systemd/system/", "/run/systemd/system/", "/usr/lib/systemd/system/", "/lib/systemd/system/")
#: Services whose units and options matter to a load balancer.
SERVICES = ("keepalived", "haproxy", "rsyslog", "firewalld", "nftables", "iptables", "ip6tables")

#: Format by how the path on the node begins and ends; the first that fits wins. Plain strings: at the start of
#: a run, one regular expression over all of them takes longer to compile than a pair takes to read.
FORMATS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("keepalived", ("/etc/keepalived/",), (".conf",)),
    ("haproxy", ("/etc/haproxy/",), (".cfg",)),
    ("assignments", ("/etc/firewalld/",), ("/firewalld.conf",)),
    ("xml", ("/etc/firewalld/", "/usr/lib/firewalld/"), (".xml",)),
    ("nftables", ("/etc/nftables.conf", "/etc/sysconfig/nftables.conf"), ("/nftables.conf",)),
    ("nftables", ("/etc/nftables/", "/etc/nftables.d/"), (".nft", ".conf", ".rules")),
    ("iptables", ("/etc/ufw/", "/lib/ufw/"), (".rules",)),
    ("assignments", ("/etc/ufw/", "/etc/default/"), ("/ufw.conf", "/ufw")),
    ("iptables", ("/etc/sysconfig/", "/etc/iptables/"), ("/iptables", "/ip6tables", "/rules.v4", "/rules.v6")),
    ("sysctl", ("/etc/sysctl.conf", "/etc/ufw/sysctl.conf"), ("/sysctl.conf",)),
    (
        "sysctl",
        ("/etc/sysctl.d/", "/run/sysctl.d/", "/usr/local/lib/sysctl.d/", "/usr/lib/sysctl.d/", "/lib/sysctl.d/"),
        (".conf",),
    ),
    ("rsyslog", ("/etc/rsyslog.conf", "/etc/rsyslog.d/"), (".conf",)),
    ("logrotate", ("/etc/logrotate.conf", "/etc/logrotate.d/"), ("",)),
    ("ini", ("/etc/NetworkManager/NetworkManager.conf", "/etc/NetworkManager/conf.d/"), (".conf",)),
    ("ini", ("/etc/NetworkManager/system-connections/",), ("",)),
    ("ini", tuple(folder + service for folder in _UNITS for service in SERVICES), (".service", ".conf")),
    ("ini", ("/etc/systemd/journald.conf",), (".conf",)),
    ("ini", ("/etc/systemd/network/",), (".network", ".conf")),
    (
        "assignments",
        ("/etc/sysconfig/network-scripts/ifcfg-", "/etc/os-release", "/usr/lib/os-release"),
        ("",),
    ),
    (
        "assignments",
        ("/etc/default/", "/etc/sysconfig/"),
        tuple("/" + name for name in (*SERVICES, "network")),
    ),
)

#: Ends of names that packages and editors leave behind, and that logrotate passes over (logrotate(8), tabooext).
COPIES = (
    "~", ",v", ".bak", ".back", ".old", ".orig", ".save", ".sav", ".swp", ".tmp", ".disabled", ".off", ".cfsaved",
    ".rpmnew", ".rpmsave", ".rpmorig", ".dpkg-old", ".dpkg-new", ".dpkg-dist", ".dpkg-bak", ".dpkg-tmp",
    ".ucf-old", ".ucf-new", ".ucf-dist",
)  # fmt: skip


def of_path(path: str) -> str:
    """The format of the file at `path` of a node: a name of halint/readers/, or "text"."""
    for name, starts, ends in FORMATS:
        if path.startswith(starts) and path.endswith(ends):
            return "text" if path.endswith(COPIES) else name
    return "text"


def read(source: Source) -> Tree:
    """The tree of `source`, by the reader of its format. Never raises for what is in the file."""
    tree: Tree = imported(f"halint.readers.{source.format}").read(source)
    return tree
