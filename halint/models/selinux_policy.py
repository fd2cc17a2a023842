"""What the targeted policy of EL 7 to 9 lets haproxy and keepalived do, as far as halint asks.

Read in https://github.com/fedora-selinux/selinux-policy: contrib/rhcs.te (haproxy_t), contrib/keepalived.te and
keepalived.fc, kernel/corenetwork.te.in (the ports of each type), system/authlogin.te and kerberos.if (what every domain
that looks up names may do, by booleans).
"""

from __future__ import annotations

from collections.abc import Set

#: The types of TCP ports that haproxy_t may bind, and may connect to.
HAPROXY_BINDS = frozenset({"commplex_main_port_t", "http_cache_port_t", "http_port_t"})
HAPROXY_CONNECTS = HAPROXY_BINDS | {"commplex_link_port_t", "dns_port_t", "fmpro_internal_port_t", "rtp_media_port_t"}
#: The same of keepalived_t, which its checks run as.
KEEPALIVED_CONNECTS = frozenset(
    {
        "agentx_port_t", "connlcli_port_t", "dns_port_t", "http_port_t", "mysqld_port_t", "smtp_port_t", "snmp_port_t",
        "squid_port_t",
    }
)  # fmt: skip
#: Types that either may connect to by booleans of the name services (kerberos_enabled, authlogin_nsswitch_use_ldap).
BY_NAME_SERVICE = frozenset(
    {
        "kerberos_admin_port_t", "kerberos_password_port_t", "kerberos_port_t", "ldap_port_t", "ocsp_port_t",
        "portmap_port_t",
    }
)  # fmt: skip

#: The TCP ports of these types where nobody added any, from-to.
PORTS = {
    "agentx_port_t": ((705, 705),),
    "commplex_link_port_t": ((4331, 4331), (5001, 5001)),
    "commplex_main_port_t": ((5000, 5000),),
    "connlcli_port_t": ((1358, 1358),),
    "dns_port_t": ((53, 53), (853, 853)),
    "fmpro_internal_port_t": ((5003, 5003),),
    "http_cache_port_t": ((8080, 8080), (8118, 8118), (8123, 8123), (10001, 10010)),
    "http_port_t": ((80, 81), (443, 443), (488, 488), (8008, 8009), (8443, 8443), (9000, 9000)),
    "kerberos_admin_port_t": ((749, 749),),
    "kerberos_password_port_t": ((464, 464),),
    "kerberos_port_t": ((88, 88), (750, 750), (4444, 4444)),
    "ldap_port_t": ((389, 389), (636, 636), (3268, 3269), (7389, 7389)),
    "mysqld_port_t": ((1186, 1186), (3306, 3306), (63132, 63164)),
    "ocsp_port_t": ((9080, 9080),),
    "portmap_port_t": ((111, 111),),
    "rtp_media_port_t": ((5004, 5005),),
    "smtp_port_t": ((25, 25), (465, 465), (587, 587)),
    "snmp_port_t": ((161, 162), (199, 199), (1161, 1161)),
    "squid_port_t": ((3128, 3128), (3401, 3401), (4827, 4827)),
}


def is_of(types: Set[str], port: int, ports: dict[str, list[tuple[int, int]]] | None = None) -> bool:
    """Whether the TCP port has one of `types`, by the stock policy or by `ports`, what was captured."""
    return any(
        low <= port <= high for name in types for low, high in (*PORTS[name], *(ports.get(name, ()) if ports else ()))
    )
