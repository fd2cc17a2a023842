"""What serves the virtual addresses of a node, and what watches it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.fixes import edits
from halint.models import check_script
from halint.models.drop_ins import UNIT_FOLDERS
from halint.models.keepalived import TRACKERS

if TYPE_CHECKING:
    from halint.cluster import Cluster
    from halint.finding import Edit
    from halint.models.check_script import Check
    from halint.models.haproxy import Proxy
    from halint.models.haproxy.listeners import Bind
    from halint.models.keepalived import Keepalived
    from halint.models.keepalived.tracking import Tracked, Tracker, VrrpScript
    from halint.models.keepalived.vrrp import VrrpInstance
    from halint.node import Node


def checks(node: Node, instance: VrrpInstance) -> list[tuple[Tracked, Check]]:
    """What an instance of `node` tracks with effect, and what is known of it."""
    return [(tracked, check_script.read(node, tracked)) for tracked in instance.checks]


def unwatched(node: Node, instance: VrrpInstance) -> Bind | None:
    """The bind by which haproxy certainly serves an address of the instance, where certainly no check looks at it.

    A check that is named but not defined (KA405), or defined but not tracked (KA404), was at least meant to be
    there. Where haproxy listens on all addresses and something else is watched, that is what the address is for.
    A check of a port that haproxy does not bind was meant for it (CX106).
    """
    bind = serving(node, instance)
    others = [tracked for tracked in instance.tracked if tracked.kind != "interface"]
    if bind is None or not instance.complete or any(tracked.tracker is None for tracked in others):
        return None
    if any(check.looks_at_haproxy is not False or check.port for _, check in checks(node, instance)):
        return None
    return None if others and bind.wildcard else bind


def serving(node: Node, instance: VrrpInstance) -> Bind | None:
    """A bind by which haproxy certainly serves an address of the instance: rather one on the address itself, rather
    one that leads to servers.

    Where keepalived balances the address itself (virtual_server), a bind on all addresses is not there for it.
    """
    if node.haproxy is None:
        return None
    vips, binds = instance.all_vips, node.haproxy.certain_binds
    own = next((bind for bind in binds if bind.address in vips), None)
    if own is not None:
        return own
    if node.keepalived is not None and not vips.isdisjoint(node.keepalived.balanced):
        return None
    families = {6 if ":" in vip else 4 for vip in vips}
    wide = [b for b in binds if b.wildcard and families and (b.family is None or b.family in families)]
    return next((bind for bind in wide if forwards(bind.proxy)), wide[0] if wide else None)


def fronts(node: Node) -> bool:
    """Whether haproxy certainly has a port of the web, 80 or 443: no other web server of the node can have it then."""
    binds = node.haproxy.certain_binds if node.haproxy is not None else []
    return any(bind.low <= port <= bind.high for bind in binds for port in (80, 443))


def forwards(proxy: Proxy) -> bool:
    """Whether requests go on to servers: it is not a page of statistics."""
    return bool(proxy.servers or proxy.keyword("default_backend") or proxy.keyword("use_backend"))


def bound_to_haproxy(node: Node) -> bool | None:
    """Whether systemd stops keepalived when haproxy is gone; None where the node's units were not collected."""
    for unit, keywords, other in _TIES:
        for folder in UNIT_FOLDERS:
            for source in node.with_drop_ins(f"{folder}/{unit}.service"):
                for section in node.tree(source).statements:
                    for statement in section.statements(*keywords):
                        if any(other in word.text for word in statement.arguments):
                            return True
    return False if "options" in node.collected else None


_TIES = (
    ("keepalived", ("BindsTo", "PartOf"), "haproxy"),
    ("haproxy", ("OnFailure", "ExecStopPost", "PropagatesStopTo"), "keepalived"),
)


def lacking(cluster: Cluster, node: Node, command: str) -> Node | None:
    """A node that has the script which `command` runs, where `node` lacks it."""
    path = command.partition(" ")[0]
    if not path.startswith("/") or path in node.files or node.root is None:
        return None
    return next((other for other in cluster.nodes if path in other.files), None)


def accounts(node: Node) -> frozenset[str] | None:
    """The accounts of the node's /etc/passwd, None where it is not in the input."""
    source = node.files.get("/etc/passwd")
    if source is None:
        return None
    return frozenset(line.partition(":")[0] for line in source.text.split("\n"))


def lacks(known: frozenset[str] | None, user: str) -> bool:
    """Whether there certainly is no account `user`."""
    return known is not None and user not in known


def dropped(cluster: Cluster, node: Node, script: VrrpScript) -> str:
    """Why keepalived certainly goes on without the check, or ""."""
    if lacking(cluster, node, script.command) is not None:
        return f"{script.command.partition(' ')[0]} is not there"
    model = node.keepalived
    user = script.user.value or (model.global_text("script_user").value if model is not None else None)
    return f"there is no account {user}" if user is not None and lacks(accounts(node), user) else ""


def untracked(model: Keepalived) -> list[Tracker]:
    """What is defined and tracked by no instance, sync group or real server."""
    names = set()
    for statement in model.inner(*TRACKERS.values()):
        names |= {(statement.keyword, line.words[0].text) for line in statement.body or ()}
        names |= {(statement.keyword, word.text) for word in statement.arguments}
    return [tracker for (keyword, name), tracker in model.trackers.items() if (keyword, name) not in names]


def track(instance: VrrpInstance, keyword: str, name: str) -> Edit:
    """The edit that makes `instance` track the check `name` in a block `keyword`."""
    for block in instance.statement.statements(keyword):
        if block.body is not None:
            return edits.into(block, name)
    return edits.into(instance.statement, f"{keyword} {{", f"    {name}", "}")


def defined_before(model: Keepalived, tracker: Tracker, instances: list[VrrpInstance]) -> bool:
    """Whether all `instances` could track what `tracker` defines: keepalived knows what stands above."""
    order = {id(statement): number for number, statement in enumerate(model.statements)}
    return all(order[id(tracker.statement)] < order[id(instance.statement)] for instance in instances)
