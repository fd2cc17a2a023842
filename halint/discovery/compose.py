"""Nodes that a docker-compose file names: which file of the input stands where in a container of keepalived."""

from __future__ import annotations

from posixpath import dirname, join, normpath

from halint.discovery.folders import base
from halint.discovery.layout import HAPROXY, KEEPALIVED, Layout, Reader
from halint.discovery.sniff import Name
from halint.discovery.walk import Entry
from halint.readers.lexer import compiled

_FILE = r"(?:docker-)?compose[^/]*\.ya?ml"
_MENTIONS = r"keepalived?\.conf|haproxy\.cfg|/etc/(?:keepalived|haproxy)"

#: Where images look for the files of /etc: osixia/keepalived, the official haproxy, bitnami.
_PLACES = (
    (r"/container/service/keepalived/assets", "/etc/keepalived"),
    (r"/usr/local/etc", "/etc"),
    (r"/bitnami/haproxy/conf", "/etc/haproxy"),
)
#: Bytes: PyYAML is slow, and no real one is larger.
_MAX = 1 << 18


def nodes(entries: list[Entry], text: Reader) -> tuple[list[Layout], list[tuple[str, str]]]:
    """The nodes of all compose files among `entries`, and the compose files that cannot be read, with why."""
    layouts: list[Layout] = []
    failed: list[tuple[str, str]] = []
    by_path: dict[str, Entry] = {}
    for entry in entries:
        if compiled(_FILE).fullmatch(entry.name) and compiled(_MENTIONS).search(text(entry)):
            by_path = by_path or {e.path: e for e in entries}
            try:
                layouts += _plans(entry, _services(text(entry)), by_path)
            except ValueError as error:
                failed.append((entry.path, str(error)))
    return layouts, failed


def _services(text: str) -> dict[str, dict[str, object]]:
    """The services of a compose file. Raises ValueError."""
    if len(text) > _MAX:
        raise ValueError("it is too large for a compose file")
    import yaml

    try:
        data = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        raise ValueError(f"line {mark.line + 1}: it is not YAML" if mark else "it is not YAML") from None
    services = data.get("services", data) if isinstance(data, dict) else {}
    if not isinstance(services, dict):
        return {}
    return {str(name): service for name, service in services.items() if isinstance(service, dict)}


def _plans(entry: Entry, services: dict[str, dict[str, object]], by_path: dict[str, Entry]) -> list[Layout]:
    mounted = {name: _mounts(entry.folder, service, by_path) for name, service in services.items()}
    layouts = []
    balancers = {name: files for name, files in mounted.items() if HAPROXY in files and KEEPALIVED not in files}
    routers = [name for name, files in mounted.items() if KEEPALIVED in files]
    for name in routers:
        layout = Layout(name, entry.folder, entry.folder, f"{entry.path} mounts its files into {name}")
        if len(routers) == 1:  # one compose file a node
            layout.name, layout.place = base(entry.folder), dirname(entry.folder)
        layout.key = Name(layout.name).variant
        for path, file in mounted[name].items():
            layout.add(path, file)
        partner = _partner(name, balancers, routers, services)
        for path, file in balancers.get(partner, {}).items():
            layout.add(path, file)
            layout.reasons.append(f"{entry.path} mounts {file.path} into {partner}")
        layouts.append(layout)
    return layouts


def _partner(
    name: str, balancers: dict[str, dict[str, Entry]], routers: list[str], services: dict[str, dict[str, object]]
) -> str:
    """The service of haproxy that shares its network with the keepalived service `name`."""
    for other in balancers:
        modes = str(services[name].get("network_mode", "")), str(services[other].get("network_mode", ""))
        if modes[0] == f"service:{other}" or modes[1] == f"service:{name}":
            return other
    same = [other for other in balancers if Name(other).role == Name(name).role]
    if len(same) == 1:
        return same[0]
    files = {files[HAPROXY] for files in balancers.values()}
    return next(iter(balancers)) if len(files) == 1 and len(balancers) == 1 else ""


def _mounts(folder: str, service: dict[str, object], by_path: dict[str, Entry]) -> dict[str, Entry]:
    """The files of the input in a service's container, by their path there as a node would have it."""
    found: dict[str, Entry] = {}
    volumes = service.get("volumes")
    for volume in volumes if isinstance(volumes, list) else ():
        if isinstance(volume, dict):
            source, target = str(volume.get("source", "")), str(volume.get("target", ""))
        else:
            source, _, target = str(volume).partition(":")
            target = target.partition(":")[0]
        if not source.startswith((".", "/")) or not target.startswith("/"):
            continue
        for place, etc in _PLACES:
            if target == place or target.startswith(place + "/"):
                target = etc + target[len(place) :]
        host = normpath(join(folder, source))
        if host in by_path:
            found[target] = by_path[host]
        elif target.startswith("/etc/"):
            for path, entry in by_path.items():
                if path.startswith(host + "/"):
                    found[target.rstrip("/") + path[len(host) :]] = entry
    return {path: entry for path, entry in found.items() if path.startswith(("/etc/keepalived/", "/etc/haproxy/"))}
