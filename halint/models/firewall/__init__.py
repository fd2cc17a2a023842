"""The firewall of a node: whether it accepts a packet.

active.py says which firewall that is, files.py what its files load, captured.py what was in force. Conntrack: VRRP by
multicast always arrives as new; adverts by unicast may pass as established, since the node sends to the same peer
(measured: such a pair heals and stays healthy).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.finding import Location
from halint.models.firewall.active import UNITS, active
from halint.models.firewall.chains import OWN, Base, Decision, Fact, Packet, Rule, Step, decide, way
from halint.models.firewall.files import Files, Loaded
from halint.models.firewall.names import AH, STRANGERS, TCP, UDP, VRRP
from halint.tree import Word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from halint.finding import Create, Edit
    from halint.models.firewall.captured import Captured
    from halint.models.firewall.firewalld import Service
    from halint.node import Node

__all__ = ["AH", "OWN", "STRANGERS", "TCP", "UDP", "VRRP", "Answer", "Fact", "Firewall", "Packet", "Rule", "read"]

#: A protocol that nobody accepts by name (RFC 3692, for experiments): what accepts it accepts everything.
_ANY_PROTOCOL = 253
#: Of the interfaces that rules name, as many are tried as the one that a rule may have been meant for.
_MAX_INTERFACES = 32


class Answer:
    """Whether a packet is accepted. decisions: what decides, the most telling first. reason: as a message says it."""

    __slots__ = ("decisions", "reason", "verdict")

    def __init__(self, verdict: Fact, decisions: list[Decision], reason: str) -> None:
        self.verdict = verdict
        self.decisions = decisions
        self.reason = reason

    def places(self, node: Node) -> list[Location]:
        """Where that stands."""
        return [Location(node, d.at, self.reason) for d in self.decisions[:1] if d.at is not None]


class Firewall:
    """active: whether a firewall filters; None where that is unknown. kind: "firewalld", "nftables", "iptables",
    "ufw", "none" or "unknown". reason: why halint thinks so. fault: why nothing is known of its rules, or "".
    captured: the rules that the kernel or firewalld had, which outrank the files; None where they were not captured.
    firewalld, ufw: its model where it is the active one. problems: what nft or iptables refuses in the rules, beside
    the syntax. trees: of the files of rules that nft or iptables load."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self._answers: dict[tuple[object, ...], Answer] = {}
        self.captured = self._capture()
        files = Files(node)
        self.kind, self.active, self.reason = active(node, files, self.captured)
        self._written = files.load(self.kind) if self.active else Loaded()
        self.fault, self.problems, self.trees = self._written.fault, self._written.problems, self._written.trees
        self.firewalld, self.ufw = self._written.firewalld, self._written.ufw
        #: The same as `active`, of the files alone.
        self._enabled = self.active
        if self.captured is not None:
            self.active = True
            if not self.captured.partial:
                self.fault = ""
            if not self._enabled:
                self.kind, self.reason = self.captured.kind, f"{self.captured.whose} had rules when they were captured"

    def accepts(self, packet: Packet) -> Answer:
        """Whether the node lets `packet` through: by the rules that the kernel had, where they tell."""
        answer = self._answers.get(packet.key)
        if answer is None:
            answer = self.written(packet)
            loaded = self.loaded(packet)
            if loaded is not None and loaded.verdict is not answer.verdict:
                answer = loaded
            self._answers[packet.key] = answer
        return answer

    def written(self, packet: Packet) -> Answer:
        """Whether the files let `packet` through, whatever the kernel had loaded."""
        return self._answer(packet, self._written.bases)

    def near_miss(self, packet: Packet) -> Rule | None:
        """The rule that would accept `packet`, if it came in by another interface or zone."""
        for other, bases in self._elsewhere(packet):
            if self._answer(other.but(protocol=_ANY_PROTOCOL), bases).verdict is False:
                answer = self._answer(other, bases)
                if answer.verdict is not False:
                    return _accepting(answer)
        return None

    def would_accept(self, packet: Packet) -> Rule | None:
        """The rule that accepts `packet`, or may, where not just any protocol is accepted."""
        answer = self.accepts(packet)
        if answer.verdict is False or self.accepts(packet.but(protocol=_ANY_PROTOCOL)).verdict is not False:
            return None
        return _accepting(answer)

    def dead_accept(self, packet: Packet) -> Rule | None:
        """The direct rule of firewalld that accepts `packet` to no avail, since the backend is nftables."""
        return None if self.firewalld is None else self.firewalld.dead_accept(packet)

    def unlisted_service(self, packets: list[Packet]) -> Service | None:
        """The service that the node defines for all of `packets`, which are refused, and that nothing makes use of."""
        if self.firewalld is None or not all(packet.direction == "in" for packet in packets):
            return None
        services = self.firewalld.unlisted_services
        return next((one for one in services if all(one.accepts(packet) for packet in packets)), None)

    def list_service(self, service: Service, packet: Packet) -> list[Edit | Create] | None:
        """Edits after which the zone that refuses `packet` lists `service`; None where that is no matter of a line."""
        from halint.models.firewall import opening

        return None if self.accepts(packet).verdict else opening.listing(self, service, packet)

    def allow(self, packets: list[Packet], sources: list[str], ports: str = "") -> list[Edit | Create] | None:
        """Edits after which all of `packets`, of one protocol, are accepted: only from `sources` where there are some.

        ports: "80" or "8000-8010" for TCP and UDP. None where that is not a matter of adding lines.
        """
        return None if self.accepts(packets[0]).verdict else self.allow_written(packets, sources, ports)

    def allow_written(self, packets: list[Packet], sources: list[str], ports: str = "") -> list[Edit | Create] | None:
        """The same where it is the files that refuse them, whatever the kernel had loaded."""
        from halint.models.firewall import opening

        return opening.opening(self, packets, sources, ports)

    def refusing(self, packet: Packet) -> list[tuple[Base, list[Step]]]:
        """The base chains of the files that certainly refuse `packet`, and how each comes to that."""
        if not self._enabled or self._written.fault:
            return []
        packet = packet.but(state=None) if self._written.untracks else packet
        return [
            (base, way(base, packet))
            for base in self._written.bases
            if _asks(base, packet) and set(decide(base, packet)) == {"drop"}
        ]

    def is_generated(self, word: Word) -> bool:
        """Whether a program writes the line of `word` anew from what else it has, so that an edit would be lost."""
        if self.ufw is None:
            return False
        from halint.models.firewall import ufw

        return not ufw.is_edited_by_hand(word)

    def misspelled(self) -> list[tuple[Word, str]]:
        """The words of its rules that no /etc/protocols has, but that are nearly vrrp, with what is left out for each:
        "all" its rules, or one "rule"."""
        from halint.models.firewall import misnamed

        if self.firewalld is None:
            return [(word, "all") for word in misnamed.misnamed(self.trees, any_case=self.kind in ("iptables", "ufw"))]
        refused = [place.word for place in self.firewalld.refused if place.word is not None]
        refused += [word for words in self.firewalld.direct.words() for word in misnamed.among(words, any_case=True)]
        left_out = [place.word for place in self.firewalld.left_out if place.word is not None]
        return [(word, "all") for word in refused] + [(word, "rule") for word in left_out]

    def _capture(self) -> Captured | None:
        if not any(path.startswith("/sos_commands/firewall") for path in self.node.files):
            return None
        from halint.models.firewall import captured

        return captured.read(self.node)

    @property
    def witness(self) -> str:
        """Whose rules were captured, as a message says it."""
        return "the kernel" if self.captured is None else self.captured.whose

    @property
    def starts(self) -> bool:
        """Whether its files are loaded at the next start for certain: its unit is enabled, or its rules were there."""
        ours = self.captured is not None and self.captured.firewalld and self.firewalld is not None
        return ours or any(self.node.startup.enabled(unit) for unit in UNITS.get(self.kind, ()))

    # What it says of a packet

    def _answer(self, packet: Packet, bases: list[Base]) -> Answer:
        if self._enabled is False:
            return Answer(True, [], self.reason)
        if self._enabled is None or self._written.fault:
            return Answer(None, [], self._written.fault or self.reason)
        families = self._written.families
        if families is not None and packet.family not in families:
            return Answer(None, [], f"the IPv{packet.family} rules are not among the files")
        return _judged(bases, packet.but(state=None) if self._written.untracks else packet)

    def loaded(self, packet: Packet) -> Answer | None:
        """What the captured rules say of `packet`; None where that is not the whole truth."""
        captured = self.captured
        if captured is None or packet.family not in captured.families:
            return None
        answer = _judged(captured.bases, packet.but(state=None) if captured.untracks else packet)
        return None if captured.partial and answer.verdict is not False else answer

    def _elsewhere(self, packet: Packet) -> Iterator[tuple[Packet, list[Base]]]:
        """`packet` on every other interface that a rule names, or in every other zone that has a file."""
        if self.firewalld is not None:
            own = self.firewalld.zones.of(packet.interface or "")[0]
            for name in self.firewalld.zones.names:
                base = self.firewalld.base_of(name)
                if name != own and base is not None:
                    yield packet, [base]
        names = {
            rule.interface.text
            for base in self._written.bases
            for chain in (base.chain, *base.chains.values())
            for rule in chain.rules
            if rule.interface is not None
        }
        for name in sorted(names - {"lo", packet.interface})[:_MAX_INTERFACES]:
            yield packet.but(interface=name.rstrip("*+")), self._written.bases


def read(node: Node) -> Firewall:
    """The firewall of `node`."""
    return Firewall(node)


def _asks(base: Base, packet: Packet) -> bool:
    return base.direction == packet.direction and base.family in (None, packet.family)


def _judged(bases: list[Base], packet: Packet) -> Answer:
    """What base chains say of `packet` together: each must accept it."""
    accepted: list[Decision] = []
    verdict: Fact = True
    judged = [decide(base, packet) for base in bases if _asks(base, packet)]
    redirected = any("redirect" in ends for ends in judged)
    for ends in judged:
        if set(ends) == {"drop"} and not redirected:
            return Answer(False, [ends["drop"]], _reason(ends["drop"]))
        if set(ends) != {"accept"}:
            verdict = None
        accepted += [ends[v] for v in ("accept", "unknown", "redirect", "drop") if v in ends]
    accepted.sort(key=lambda decision: decision.verdict != "accept" or decision.rule is None)
    return Answer(verdict, accepted, _reason(accepted[0]) if accepted else "nothing filters it")


def _accepting(answer: Answer) -> Rule | None:
    """The rule that accepts, or may."""
    return next((d.rule for d in answer.decisions if d.verdict == "accept" and d.rule is not None), None)


def _reason(decision: Decision) -> str:
    verb = {"accept": "accepts", "drop": "refuses"}.get(decision.verdict, "may refuse")
    if decision.rule is None:
        return f"{decision.chain.label} {verb} what it does not list"
    return f"a rule of {decision.chain.label} {verb} it"
