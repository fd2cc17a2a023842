"""haproxy.cfg, the same on every node, with keywords that haproxy 1.8 (EL8) knows already."""

from __future__ import annotations

from halint.generator.plan import CHECK_NAME, Backend, Bind, Frontend, Node, Plan
from halint.generator.writer import File

_CHECK_ADDRESS = "127.0.0.1:8008"
_CHECK_PATH = "/alive"
CHECK_URL = f"http://{_CHECK_ADDRESS}{_CHECK_PATH}"
#: The facility that haproxy logs to; halint.generator.system writes the rules that receive it.
FACILITY = "local2"


def configuration(plan: Plan, node: Node) -> File:
    blocks = [_global(plan), _DEFAULTS, _CHECK]
    blocks += [_frontend(frontend) for frontend in plan.frontends]
    blocks += [_backend(backend) for backend in plan.backends]
    return File("/etc/haproxy/haproxy.cfg", "\n".join(blocks))


def _global(plan: Plan) -> str:
    target = plan.target
    lines = [
        f"log {target.log_address} {FACILITY}",
        *target.log_options,
        "chroot /var/lib/haproxy",
        f"stats socket {target.stats_socket} mode 600 level admin",
        "user haproxy",
        "group haproxy",
    ]
    if any(bind.certificate for frontend in plan.frontends for bind in frontend.binds):
        lines.append("ssl-default-bind-options ssl-min-ver TLSv1.2")
    return "# Written by halint generate; the same on every node.\n" + _section("global", lines)


_DEFAULTS = """\
defaults
    log global
    option dontlognull
    option redispatch
    retries 3
    timeout connect 5s
    timeout client 1m
    timeout server 1m
    timeout http-request 10s
    timeout http-keep-alive 10s
    timeout queue 30s
    timeout check 5s
"""

_CHECK = f"""\
# What the check of keepalived asks: whether haproxy itself answers.
frontend {CHECK_NAME}
    bind {_CHECK_ADDRESS}
    mode http
    option httplog
    monitor-uri {_CHECK_PATH}
"""


def _frontend(frontend: Frontend) -> str:
    lines = [_bind(bind, frontend.mode) for bind in frontend.binds]
    lines.append(f"mode {frontend.mode}")
    lines += ["option httplog", "option forwardfor"] if frontend.mode == "http" else ["option tcplog"]
    lines.append(f"default_backend {frontend.backend}")
    return _section(f"frontend {frontend.name}", lines)


def _bind(bind: Bind, mode: str) -> str:
    address = f"[{bind.address}]" if bind.address.version == 6 else str(bind.address)
    line = f"bind {address}:{bind.port}"
    if bind.certificate:
        line += f" ssl crt {bind.certificate}" + (" alpn h2,http/1.1" if mode == "http" else "")
    return line


def _backend(backend: Backend) -> str:
    lines = [f"mode {backend.mode}", f"balance {backend.balance}"]
    if backend.health_path:
        lines.append(f"option httpchk GET {backend.health_path}")
    for server in backend.servers:
        address = f"[{server.address}]" if server.address.version == 6 else str(server.address)
        lines.append(f"server {server.name} {address}:{server.port} check")
    return _section(f"backend {backend.name}", lines)


def _section(head: str, lines: list[str]) -> str:
    return "".join([head + "\n", *(f"    {line}\n" for line in lines)])
