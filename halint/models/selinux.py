"""What is known of SELinux on a node: the mode, and the TCP ports that haproxy may bind.

From /etc/selinux/config and a sos report's sestatus, `semanage port -l` and `semanage boolean -l`. The policy lets
haproxy_t bind the ports of three types, and all of them with the boolean haproxy_connect_any
(https://github.com/fedora-selinux/selinux-policy: rhcs.te, corenetwork.te.in).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.readers.lexer import compiled

if TYPE_CHECKING:
    from halint.node import Node

CONFIG = "/etc/selinux/config"
_CAPTURED = "/sos_commands/selinux/"
_TYPES = ("http_port_t", "http_cache_port_t", "commplex_main_port_t")
#: The ports of these types where nobody added any.
_STOCK = ((80, 81), (443, 443), (488, 488), (8008, 8009), (8443, 8443), (9000, 9000), (8080, 8080), (8118, 8118),
          (8123, 8123), (10001, 10010), (5000, 5000))  # fmt: skip


class Selinux:
    """enforcing: whether it refuses what the policy does not allow; None where unknown. certain: whether the ports and
    the boolean were captured, and are not those of the stock policy."""

    __slots__ = ("_ports", "any_port", "certain", "enforcing")

    def __init__(self, node: Node) -> None:
        texts = {path: source.text for path, source in node.files.items() if path.startswith((CONFIG, _CAPTURED))}
        status = next((text for path, text in texts.items() if path.startswith(f"{_CAPTURED}sestatus")), "")
        mode = compiled(r"(?m)^(?:Current mode|SELinux status):[ \t]+(enforcing|permissive|disabled)").findall(status)
        mode = mode or compiled(r"(?m)^SELINUX=[ \t]*(enforcing|permissive|disabled)").findall(texts.get(CONFIG, ""))
        self.enforcing = mode[-1] == "enforcing" if mode else None
        ports = texts.get(f"{_CAPTURED}semanage_port_-l", "")
        boolean = compiled(r"(?m)^haproxy_connect_any[ \t]+\((on|off)").search(
            texts.get(f"{_CAPTURED}semanage_boolean_-l", "")
        )
        self.any_port = boolean is not None and boolean[1] == "on"
        found = [
            (int(low), int(high or low))
            for name, listed in compiled(r"(?m)^([a-z_]+)[ \t]+tcp[ \t]+([0-9, \t-]+)").findall(ports)
            if name in _TYPES
            for low, high in compiled(r"([0-9]{1,5})(?:-([0-9]{1,5}))?").findall(listed)
        ]
        self.certain = bool(found) and boolean is not None
        self._ports = found

    def lets_bind(self, port: int) -> bool:
        """Whether haproxy may listen on the TCP port."""
        return self.any_port or is_stock(port) or any(low <= port <= high for low, high in self._ports)


def is_stock(port: int) -> bool:
    """Whether the policy lets haproxy bind the TCP port without anybody's doing."""
    return any(low <= port <= high for low, high in _STOCK)
