"""KA202; its page is auth_mismatch_across_nodes.md."""

from __future__ import annotations

from collections.abc import Iterator

from halint.cluster import Cluster, agreement
from halint.cluster.agreement import Edits, Value
from halint.cluster.virtual_router import Member
from halint.finding import Finding, Severity
from halint.fixes import edits
from halint.readers.lexer import compiled
from halint.rule import Rule


class AuthMismatchAcrossNodes(Rule):
    """Nodes that share a virtual address authenticate their adverts differently."""

    code = "KA202"
    severity = Severity.ERROR
    oracle = "lab"

    def check(self, cluster: Cluster) -> Iterator[Finding]:
        for router in cluster.virtual_routers:
            members = [
                member
                for member in router.known
                if not _masked(member) and not member.instance.auth_lost_to_strict  # KA218 says that
            ]
            if len({member.instance.version.value for member in members}) != 1:
                continue
            values = [_value(member) for member in members]
            for odd in agreement.dissent(values):
                if odd.text == odd.right.text:
                    what = "the first 8 bytes of auth_pass differ"
                else:
                    what = f"{odd.text} on {odd.node.name} and {odd.right.text} on {odd.right.node.name}"
                yield self.finding(
                    f"{odd.node.name} and {odd.right.node.name} will both hold {router.name}, since each drops the "
                    f"other's adverts: {what}; give both the same authentication",
                    odd.node,
                    odd.at,
                    label=f"{odd.text} on {odd.node.name}",
                    related=odd.related(),
                    fix=agreement.fix("authentication", values, _write),
                )


def _masked(member: Member) -> bool:
    """Whether the password is hidden in the input (`***`), or a definition that is not in it."""
    word = member.instance.auth_pass.word
    return word is not None and compiled(r"\*+|\$\{?\w+\}?").fullmatch(word.text) is not None


def _value(member: Member) -> Value:
    instance = member.instance
    kind, _ = sent = instance.authentication
    at = instance.auth_pass.at if kind else instance.auth_type.at
    if not kind and instance.strict.value:
        return Value(member, "no authentication in strict mode", instance.strict.at, key=sent)
    return Value(member, f"auth_type {kind}" if kind else "no authentication", at, instance.auth_pass.word, key=sent)


def _write(value: Value, right: Value) -> Edits | None:
    """Give the node of `value` the authentication of `right`, with the words it is written in there."""
    here, there = value.member.instance, right.member.instance
    blocks = list(here.statement.statements("authentication"))
    words = (here.auth_type.word, here.auth_pass.word, there.auth_type.word, there.auth_pass.word)
    if here.strict.value or there.strict.value or not agreement.literal(here.statement.words[0]):
        return None
    if not there.authentication[0]:
        return [edits.remove(block) for block in blocks]
    old_type, old_pass, new_type, new_pass = words
    if new_type is None or new_pass is None:
        return None
    if not blocks:
        kind, password = agreement.written(new_type), agreement.written(new_pass)
        lines = ("authentication {", f"    auth_type {kind}", f"    auth_pass {password}", "}")
        return [edits.into(here.statement, *lines)]
    if old_type is None or old_pass is None or not (agreement.literal(old_type) and agreement.literal(old_pass)):
        return None
    pairs = ((old_type, new_type), (old_pass, new_pass))
    return [edits.replace(old, agreement.written(new)) for old, new in pairs if old.text != new.text]
