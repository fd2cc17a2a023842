"""Large files as a big site has them: python benchmarks/large.py haproxy|keepalived LINES > FILE

The same for everybody: a fixed seed. The daemons take them without a message (haproxy 2.6.12, keepalived 2.2.7;
keepalived needs the interface `INTERFACE`), and half of the lines of haproxy.cfg stand there once.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from itertools import count, islice

#: What the virtual addresses of keepalived.conf stand on, and the address that it should have.
INTERFACE, ADDRESS = "ens192", "10.100.0.250/16"

_HAPROXY_HEAD = r"""
# Generated from the service catalogue; changes here are lost.
global
    log 127.0.0.1:514 local0 info
    user haproxy
    group haproxy
    chroot /var/lib/haproxy
    stats socket /run/haproxy-admin.sock mode 660 level admin expose-fd listeners
    setenv REGION "eu \"central\" 1"
    ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets
    maxconn 60000
    nbthread 2

defaults
    log global
    mode http
    option dontlognull
    option forwardfor except 127.0.0.0/8
    option redispatch
    retries 2
    timeout http-request 5s
    timeout queue 30s
    timeout connect 4s
    timeout client 50s
    timeout server 50s
    timeout check 3s
    log-format "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %{+Q}r"

listen statistics
    bind 127.0.0.1:8404
    stats enable
    stats uri /
    stats refresh 15s
"""

_KEEPALIVED_HEAD = """
! Generated from the service catalogue; changes here are lost.
global_defs {
    router_id "edge 1"
    script_user root
    enable_script_security
    vrrp_garp_master_refresh 30
}

vrrp_script haproxy_lives {
    script "/usr/bin/true"   # stands for the real check
    interval 2
    fall 3
    rise 2
}
"""


def haproxy(random: random.Random) -> Iterator[str]:
    """The lines of a haproxy.cfg without end: tenants with a frontend, and a backend for each of their paths."""
    yield from _HAPROXY_HEAD.strip().split("\n")
    for tenant in count():
        name, address = f"tenant{tenant:04}", f"10.{tenant // 40000}.{tenant // 200 % 200}.{tenant % 200 + 1}"
        paths = random.sample(["shop", "search", "media", "login", "orders", "api", "blog"], random.randint(2, 5))
        yield from ["", f"# {name}: ticket OPS-{tenant * 7 + 1000}, owner {random.choice(['web', 'core', 'data'])}"]
        yield from [f"frontend {name}", f"    bind {address}:80"]
        if tenant % 4 == 1:
            yield f"    bind {address}:8080 name {name}-proxied accept-proxy maxconn {500 + tenant}"
        yield from ["    option http-keep-alive", "    http-request set-header X-Forwarded-Proto 'http'"]
        for path in paths:
            yield f"    acl is_{path} path_beg -i /{path} /{path}-{tenant % 5}"
            yield f"    acl host_{path} hdr(host) -i {path}.{name}.example.net {path}-{tenant}.example.org"
        if tenant % 3 == 2:
            yield "    http-request deny deny_status 429 if { src 198.51.100.0/24 } !{ path /alive } # noisy neighbours"
        if tenant % 6 == 4:
            yield r"    http-request set-header X-Region \"${REGION}\" if { hdr(user-agent) -m reg ^Mozilla\ [45] }"
        for path in paths:
            yield f"    use_backend {name}_{path} if host_{path} is_{path} or {{ path /go/{tenant}/{path} }}"
        yield f"    default_backend {name}_{paths[0]}"
        for number, path in enumerate(paths):
            yield from _backend(random, f"{name}_{path}", f"172.{16 + tenant % 16}.{tenant // 16 % 256}", number)


def _backend(random: random.Random, name: str, net: str, number: int) -> Iterator[str]:
    yield from ["", f"backend {name}", f"    balance {('roundrobin', 'leastconn')[number % 2]}"]
    if number % 2:
        yield from ["    option httpchk GET /alive", "    http-check expect status 204"]
    if number == 2:
        yield "    cookie NODE insert indirect nocache httponly"
    yield from ["    timeout server 40s", "    default-server inter 2s fall 2 rise 3 maxconn 200"]
    for server in range(random.randint(2, 6)):
        options = f" cookie n{server}" if number == 2 else " backup" if server == 4 else ""
        address = f"{net}.{number * 10 + server + 1}:{8000 + number}"
        yield f"    server {name}-{server} {address} check weight {20 + 5 * server}{options}"


def keepalived(random: random.Random) -> Iterator[str]:
    """The lines of a keepalived.conf without end: as many instances as there are router ids, then virtual servers."""
    yield from _KEEPALIVED_HEAD.strip().split("\n")
    vips = (f"10.{100 + n // 60000}.{n // 240 % 250 + 1}.{n % 240 + 1}" for n in count())
    for vrid in range(1, 251):
        yield from ["", f"vrrp_instance edge_{vrid} {{", "    state BACKUP", f"    interface {INTERFACE}"]
        yield from [f"    virtual_router_id {vrid}", f"    priority {120 if vrid % 2 else 110}   # see the catalogue"]
        yield from ["    advert_int 1", "    authentication {", "        auth_type PASS"]
        yield from [f"        auth_pass k3y{vrid}", "    }", "    virtual_ipaddress {"]
        yield from (f"        {vip}/16 dev {INTERFACE}" for vip in islice(vips, random.randint(1, 4)))
        yield from ["    }", "    track_script {", "        haproxy_lives", "    }"]
        if vrid % 10 == 0:
            yield f'    notify "/usr/bin/true edge_{vrid}"'
        yield "}"
    for vip in vips:
        yield from ["", f"! {random.choice(['mail', 'dns', 'cache', 'queue'])}"]
        yield from [f"virtual_server {vip} {random.choice([25, 53, 6379, 5672])} {{", "    delay_loop 5"]
        yield from ["    lb_algo wlc", "    lb_kind NAT", "    persistence_timeout 60", "    protocol TCP"]
        for real in range(random.randint(1, 4)):
            address = f"172.31.{random.randint(0, 250)}.{real + 1}"
            yield from [f"    real_server {address} 25 {{", f"        weight {real + 1}"]
            yield from ["        TCP_CHECK {", "            connect_timeout 2", "            retry 2"]
            yield from ["            delay_before_retry 4", "        }", "    }"]
        yield "}"


FORMATS = {"haproxy": haproxy, "keepalived": keepalived}


def text(format: str, lines: int) -> str:
    """A file of about `lines` lines that ends with whole blocks."""
    found: list[str] = []
    for line in FORMATS[format](random.Random(20)):
        if line == "" and len(found) >= lines:
            break
        found.append(line)
    return "\n".join(found) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text(sys.argv[1], int(sys.argv[2])))
