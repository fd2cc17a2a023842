"""What is known of SELinux on a node: the mode, and the TCP ports that a daemon may bind or connect to.

From /etc/selinux/config and captured output of sestatus, getenforce, `semanage port -l`, `semanage boolean -l` (or
`getsebool -a`, `sestatus -b`) and `semanage module -l`; the policy itself is in selinux_policy.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.models.selinux_policy import BY_NAME_SERVICE, is_of
from halint.readers.lexer import compiled

if TYPE_CHECKING:
    from collections.abc import Set

    from halint.node import Node

CONFIG = "/etc/selinux/config"
_CAPTURED = "/sos_commands/selinux/"
_BOOLEANS = ("semanage_boolean_-l", "getsebool_-a", "sestatus_-b")
#: With it, a domain that looks up names may use nearly any port.
_ANYTHING = "nis_enabled"
#: The priority of modules that the administrator loads; those of the distribution have 100 and 200.
_OWN_PRIORITY = 400


#: The mode, as sestatus, getenforce and the configuration say it.
_MODE = r"(enforcing|permissive|disabled)"
_STATUS = rf"(?m)^(?:Current mode|SELinux status):[ \t]+{_MODE}"
_ENFORCES = rf"(?i)^{_MODE}"
_CONFIGURED = rf"(?m)^SELINUX=[ \t]*{_MODE}"


class Selinux:
    """enforcing: whether it refuses what the policy does not allow; None where unknown. certain: whether the ports and
    the booleans were captured, and no policy module of the administrator's own with them: else what the stock policy
    says may not be so."""

    __slots__ = ("_booleans", "_ports", "certain", "enforcing")

    def __init__(self, node: Node) -> None:
        def captured(*names: str) -> str:
            found = (node.files.get(_CAPTURED + name) for name in names)
            return next((source.text for source in found if source is not None), "")

        mode = compiled(_STATUS).findall(captured("sestatus", "sestatus_-b", "sestatus_-v")) or compiled(
            _ENFORCES
        ).findall(captured("getenforce"))
        if not mode and CONFIG in node.files:
            mode = compiled(_CONFIGURED).findall(node.files[CONFIG].text)
        self.enforcing = mode[-1].lower() == "enforcing" if mode else None
        self._booleans = {
            name: state == "on"
            for name, state in compiled(r"(?m)^([a-z0-9_]+)[ \t]+(?:-->[ \t]+|\()?(on|off)(?![a-z])").findall(
                captured(*_BOOLEANS)
            )
        }
        self._ports = _ports(captured("semanage_port_-l"))
        modules = compiled(r"(?m)^[^ \t\r\n]+[ \t]+([0-9]{3})[ \t]").findall(captured("semanage_module_-l"))
        own = any(int(priority) >= _OWN_PRIORITY for priority in modules)
        self.certain = bool(self._ports) and bool(self._booleans) and not own

    def lets_bind(self, types: Set[str], port: int, boolean: str) -> bool | None:
        """Whether a domain that may bind the TCP ports of `types`, and with `boolean` all, may bind `port`."""
        if self._booleans.get(boolean) or is_of(types, port, self._ports):
            return True
        return None if self._booleans.get(_ANYTHING) else False

    def lets_connect(self, types: Set[str], port: int, boolean: str) -> bool | None:
        """Whether a domain that may connect to the TCP ports of `types`, and with `boolean` all, may to `port`."""
        return None if is_of(BY_NAME_SERVICE, port, self._ports) else self.lets_bind(types, port, boolean)


def _ports(listed: str) -> dict[str, list[tuple[int, int]]]:
    """The TCP ports of each type, from `semanage port -l`."""
    found: dict[str, list[tuple[int, int]]] = {}
    for name, numbers in compiled(r"(?m)^([a-z0-9_]+)[ \t]+tcp[ \t]+([0-9, \t-]+)").findall(listed):
        spans = compiled(r"([0-9]{1,5})(?:-([0-9]{1,5}))?").findall(numbers)
        found.setdefault(name, []).extend((int(low), int(high or low)) for low, high in spans)
    return found
