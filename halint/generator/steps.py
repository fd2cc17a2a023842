"""What is left to do once the files are written."""

from __future__ import annotations

import shlex

from halint.generator.plan import Plan
from halint.generator.secret import kept_file
from halint.models.selinux_policy import HAPROXY_BINDS, is_of


def lines(plan: Plan, folder: str) -> list[str]:
    target = plan.target
    found = []
    if plan.authenticated and not plan.auth_pass_file and not plan.auth_pass_env:
        found.append(f"# {kept_file(plan.file)} holds the secret: keep it, and keep it out of version control.")
    found += ["# On every node, as root:", target.install]
    found.append("# From here; existing files of these names are replaced, so compare first:")
    for node in plan.nodes:
        source = shlex.quote(f"{folder}/{node.name}")
        found.append(
            f"tar -C {source} --owner=0 --group=0 -cf - etc | ssh root@{node.name} tar -C / --no-overwrite-dir -xpf -"
        )
    certificates = sorted({b.certificate for frontend in plan.frontends for b in frontend.binds if b.certificate})
    if certificates:
        found.append(f"# On every node, put the certificates with their keys at {', '.join(certificates)}, mode 0600.")
    found.append("# On every node, as root:")
    if target.firewalld:
        ports = {*plan.ports, *(server.port for backend in plan.backends for server in backend.servers)}
        found.append("restorecon -R /etc/keepalived /etc/haproxy /etc/firewalld /etc/rsyslog.d /etc/logrotate.d")
        if not all(is_of(HAPROXY_BINDS, port) for port in ports):
            found.append("setsebool -P haproxy_connect_any on   # for the ports that SELinux does not know")
        found += ["systemctl enable --now firewalld", "firewall-cmd --set-default-zone=public", "firewall-cmd --reload"]
    else:
        found += ["systemctl enable nftables", "systemctl restart nftables"]
    return [
        *found,
        "sysctl --system",
        "systemctl enable rsyslog haproxy keepalived",
        "systemctl restart rsyslog haproxy keepalived",
    ]
