"""The output of commands that a sos report holds, or a folder that was collected like one: what halint reads of it.

File names are those of sos 3.9 to 4.10 (sos/report/plugins): a command with its blanks as `_`. Nothing else there is
read: a report has a gigabyte of it, and much is of no use to anybody but a machine's vendor.
"""

from __future__ import annotations

FOLDER = "/sos_commands/"

#: What is installed: NAME-VERSION-RELEASE lines of rpm, and the table of dpkg.
RPMS, DEBS = FOLDER + "rpm/package-data", FOLDER + "dpkg/dpkg_-l"

#: Below FOLDER: whatever begins so.
_STARTS = ("firewall_tables/", "firewalld/")
_NAMES = frozenset(
    {
        "dpkg/dpkg_-l", "kernel/sysctl_-a",
        "networking/netstat_-T_-neopa", "networking/netstat_-W_-neopa", "networking/netstat_-lntp",
        "networking/netstat_-lntup", "networking/netstat_-neopa", "networking/ss_-lntp", "networking/ss_-lntup",
        "networking/ss_-peaonmi",
        "networking/ip_-o_addr", "networking/ip_-d_address", "networking/ip_address", "networking/ip_addr",
        "selinux/getenforce", "selinux/getsebool_-a", "selinux/semanage_boolean_-l", "selinux/semanage_module_-l",
        "selinux/semanage_port_-l", "selinux/sestatus", "selinux/sestatus_-b", "selinux/sestatus_-v",
        "systemd/systemctl_list-unit-files", "systemd/systemctl_list-units", "systemd/systemctl_list-units_--all",
    }
)  # fmt: skip
#: The names of the rpm query differ by version of sos.
_RPMS = ("rpm/package-data", "rpm/sh_-c_rpm")
#: Where else the tables of the firewall are, by version of sos.
_TABLES = ("networking/nft_", "networking/iptables_", "networking/ip6tables_", "firewalld/nft_")


def place(path: str) -> str | None:
    """The path on the node at which halint looks for the output at `path`; None where it looks for no such output."""
    name = path.removeprefix(FOLDER)
    if name.startswith(_TABLES):
        return f"{FOLDER}firewall_tables/{name.partition('/')[2]}"
    if name.startswith(_RPMS):
        return RPMS
    return path if name in _NAMES or name.startswith(_STARTS) else None
