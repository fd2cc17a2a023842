"""Which families of facts the input holds of a node: without a file or folder of a family nothing is known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.node import FAMILIES
from halint.readers.formats import of_path

if TYPE_CHECKING:
    from halint.node import Node
    from halint.settings import Settings

#: How the paths on the node, of files, links and folders (with a slash at the end), begin that show a family to
#: be collected.
_STARTS = {
    "keepalived": ("/etc/keepalived/",),
    "haproxy": ("/etc/haproxy/",),
    "firewall": (
        "/etc/firewalld/", "/usr/lib/firewalld/", "/etc/nftables", "/etc/sysconfig/nftables.conf/",
        "/etc/sysconfig/iptables/", "/etc/sysconfig/ip6tables/", "/etc/iptables/", "/etc/ufw/",
        "/sos_commands/firewall",
    ),
    "sysctl": (
        "/etc/sysctl.conf/", "/etc/sysctl.d/", "/run/sysctl.d/", "/usr/local/lib/sysctl.d/", "/usr/lib/sysctl.d/",
        "/lib/sysctl.d/", "/sos_commands/kernel/sysctl_",
    ),
    "rsyslog": ("/etc/rsyslog.conf/", "/etc/rsyslog.d/"),
    "logrotate": ("/etc/logrotate.conf/", "/etc/logrotate.d/"),
    "options": (
        "/etc/sysconfig/keepalived/", "/etc/sysconfig/haproxy/", "/etc/default/keepalived/", "/etc/default/haproxy/",
        "/etc/systemd/system/keepalived", "/etc/systemd/system/haproxy",
    ),
    "addresses": (
        "/etc/sysconfig/network-scripts/", "/etc/NetworkManager/system-connections/",
        "/etc/network/interfaces", "/etc/netplan/", "/etc/systemd/network/", "/sos_commands/networking/ip_-o_addr/",
        "/sos_commands/networking/ip_-d_address/", "/sos_commands/networking/ip_addr",
    ),
}  # fmt: skip
#: What a sos report of Debian or Ubuntu need not have though the node does: the plugins of keepalived and of firewalld
#: are for EL alone, and /etc/default, /etc/iptables and /etc/ufw are in no plugin that is always on.
_NOT_OF_DEBIAN = frozenset({"keepalived", "firewall", "options"})
#: Units whose wants-link or mask says which firewall runs.
_FIREWALLS = ("/firewalld.service", "/nftables.service", "/iptables.service", "/ip6tables.service", "/ufw.service")


def unread(node: Node) -> set[str]:
    """The families of which `node` has a file that could not be read, or is still a template: nothing is known."""
    files = () if node.layout is None else node.layout.files
    lost = [path + "/" for path in files if path not in node.files and of_path(path) != "text"]
    return {family for family, starts in _STARTS.items() if any(path.startswith(starts) for path in lost)}


def on_node(node: Node, settings: Settings) -> set[str]:
    """The families that the files of `node`, the kind of archive or halint.toml show to be collected."""
    layout = node.layout
    whole = layout is not None and bool(layout.archive)
    if whole and node.targets.family != "debian":
        return set(FAMILIES)
    paths = [*node.files, *node.links, *(() if layout is None else (*layout.files, *layout.folders))]
    given = settings.nodes.get(node.name)
    if given is not None:
        paths += [glob.rstrip("*").rstrip("/") for glob in given.absent]
    found = {family for family, starts in _STARTS.items() if any((path + "/").startswith(starts) for path in paths)}
    if any(link.endswith(_FIREWALLS) for link in node.links):
        found.add("firewall")
    if whole:
        found |= set(FAMILIES) - _NOT_OF_DEBIAN
    return found | set(given.collected) if given is not None else found
