"""KA219; its page is nopreempt_inconsistent.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster, agreement
from halint.cluster.agreement import Edits, Value
from halint.cluster.virtual_router import Member, VirtualRouter
from halint.finding import Applicability, Finding, Fix, Location, Severity
from halint.fixes import edits
from halint.models.setting import Setting
from halint.rule import Rule


class NopreemptInconsistent(Rule):
    """Whether the address moves back depends on which node failed, or moves back though a node says nopreempt."""

    code = "KA219"
    severity = Severity.WARNING
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        for router in cluster.virtual_routers:
            members = router.known
            if any(check.weight for member in members for check in member.instance.checks):  # KA402 says that
                continue
            lowest = min((member.instance.healthy_priority for member in members), default=0)
            above = [member for member in members if member.instance.healthy_priority > lowest]
            below = [member for member in members if member.instance.healthy_priority == lowest]
            if above:
                yield from self._mixed(router, above)
                yield from self._in_vain(router, above, below)

    def _mixed(self, router: VirtualRouter, above: list[Member]) -> Iterator[Finding]:
        values = [_value(member) for member in above]
        for odd in agreement.dissent(values):
            yield self.finding(
                f"whether a node that returns takes {router.name} back depends on which it is: {odd.right.node.name} "
                f"has {odd.right.text} and {odd.node.name} {odd.text}; give both the same",
                odd.node,
                odd.at,
                label=f"{odd.text} on {odd.node.name}",
                related=odd.related(),
                fix=agreement.fix("preemption", values, _write),
            )

    def _in_vain(self, router: VirtualRouter, above: list[Member], below: list[Member]) -> Iterator[Finding]:
        leader = max(above, key=lambda member: member.instance.healthy_priority)
        for setting in ("nopreempt", "preempt_delay"):
            if leader.instance.nopreempt.value or any(_setting(member, setting).statement for member in above):
                continue
            for member in below:
                statement = _setting(member, setting).statement
                if statement is None or not _setting(member, setting).value:
                    continue
                here, there = member.node.name, leader.node.name
                yield self.finding(
                    f"{setting} on {here} does nothing: {there}, with the higher priority, takes {router.name} back as "
                    f"soon as it returns; write it on {there}, with state BACKUP",
                    member.node,
                    statement.words[0],
                    label=f"priority {member.priority} on {here}",
                    related=[Location(leader.node, leader.instance.priority.at, f"{leader.priority} on {there}")],
                    fix=_move_up(leader, " ".join(word.text for word in statement.words)),
                )


def _setting(member: Member, name: str) -> Setting[bool] | Setting[float]:
    return member.instance.nopreempt if name == "nopreempt" else member.instance.preempt_delay


def _value(member: Member) -> Value:
    nopreempt = member.instance.nopreempt
    return Value(member, "nopreempt" if nopreempt.value else "preemption", nopreempt.at)


def _write(value: Value, right: Value) -> Edits | None:
    nopreempt = value.member.instance.nopreempt
    if nopreempt.statement is not None:
        return [edits.remove(nopreempt.statement)] if agreement.literal(nopreempt.statement.words[0]) else None
    return _line(value.member, "nopreempt")


def _move_up(member: Member, line: str) -> Fix | None:
    made = _line(member, line)
    return None if made is None else Fix(f"write {line} on {member.node.name}", made, Applicability.UNSAFE)


def _line(member: Member, line: str) -> Edits | None:
    """Write `line` into the instance, which must not start as MASTER for it to count."""
    block, state = member.instance.statement, member.instance.state
    if not agreement.literal(block.words[0]) or not agreement.literal(state.word or block.words[0]):
        return None
    made: Edits = [edits.into(block, line)]
    if state.word is not None and state.value == "MASTER":
        made.append(edits.replace(state.word, "BACKUP"))
    return made
