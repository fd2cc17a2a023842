"""What decides who holds the addresses of a cluster, read from its models and made into numbers.

Nothing else of the analysis reads configurations. Instances that cannot be read completely are left out, with the
reason; what has to be assumed is written down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint import address
from halint.cluster import health
from halint.failover import hearing
from halint.failover.election import Ballot, Change, bits, mask_of
from halint.failover.events import (
    CHECK_FAILED,
    IN,
    LINK_DOWN,
    NODE_DOWN,
    NODE_UP,
    OUT,
    SERVICE_DOWN,
    VRRP_BLOCKED,
    Event,
)
from halint.models import check_faults, check_script
from halint.models.keepalived import refusal
from halint.models.keepalived.tracking import VrrpScript

if TYPE_CHECKING:
    from collections.abc import Iterable

    from halint.cluster import Cluster
    from halint.cluster.virtual_router import Member, VirtualRouter
    from halint.failover.hearing import Deafness
    from halint.failover.scenarios import Analysis
    from halint.models.check_script import Check
    from halint.models.haproxy.listeners import Bind
    from halint.models.keepalived.tracking import Tracked
    from halint.models.keepalived.vrrp import VrrpInstance
    from halint.node import Node


#: What is always taken for true.
_ASSUMED = (
    "the nodes share a network segment that carries their adverts",
    "routers and clients take the gratuitous ARP of a new holder",
    "the nodes start in any order, and all timers (preempt_delay, too) have run out",
)
#: Seconds by which a busy node may be late (measured): timers that are closer go off in whatever order.
_JITTER = 0.05


class Watch:
    """One check that an instance tracks with effect.

    check: what is known of what it looks at. looks_at_haproxy: whether it fails when haproxy dies; assumed: whether
    that is not certain. outcome: whether it succeeds or fails whatever happens; None where it depends. bit: its place
    in the masks of the candidate.
    """

    __slots__ = ("assumed", "bit", "check", "looks_at_haproxy", "outcome", "tracked")

    def __init__(self, bit: int, tracked: Tracked, check: Check, outcome: bool | None) -> None:
        self.bit = bit
        self.tracked = tracked
        self.check = check
        self.outcome = outcome
        self.looks_at_haproxy = bool(check.looks_at_haproxy)
        self.assumed = False


class Candidate:
    """One instance on one node.

    number: its place in the contest. watches: in order; sets of them are masks; broken: the mask of those that always
    fail; apart: what is tracked and does not count, and why. serves: whether haproxy serves its
    addresses there. down: why it takes no part from the start, or "". interfaces: those whose link it needs.
    vips: the addresses that it sets as master, in the order of the file.
    """

    __slots__ = (
        "apart", "broken", "down", "instance", "interfaces", "member", "node", "number", "router", "serves", "states",
        "vips", "watches",
    )  # fmt: skip

    def __init__(self, number: int, router: VirtualRouter, member: Member) -> None:
        self.number = number
        self.router = router
        self.member = member
        self.node = member.node
        self.instance = member.instance
        self.watches: list[Watch] = []
        self.broken = 0
        self.apart: dict[Tracked, str] = {}
        self.serves = False
        self.down = ""
        self.interfaces: set[str] = set()
        self.states: dict[int, tuple[bool, int]] = {}
        listed = member.instance.advertised + [a for a in member.instance.excluded if not a.dropped]
        self.vips = list(dict.fromkeys(a.address for a in listed if a.address))

    def state(self, failing: int) -> tuple[bool, int]:
        """Whether it is in FAULT state, and its priority, while the watches of the mask `failing` fail."""
        found = self.states.get(failing)
        if found is None:
            mask = failing | self.broken
            fault = any(not w.tracked.weight and bool(mask & w.bit) != w.tracked.reverse for w in self.watches)
            if fault and failing:
                priority = self.state(0)[1]  # nobody hears of it
            else:
                priority = self.instance.priority_with(self.failing(failing), list(self.apart))
            found = (fault, priority)
            self.states[failing] = found
        return found

    def failing(self, mask: int) -> list[Tracked]:
        """What is tracked and in the mask, and what always fails."""
        mask |= self.broken
        return [self.watches[number].tracked for number in bits(mask)]


class Contest:
    """Virtual routers that are decided together: one, or those that sync groups bind to each other.

    candidates: of all of them. by_node: the numbers of a node's candidates. start: what is out from the start.
    addresses: by the mask of those that set them.
    """

    __slots__ = ("_ballot", "_ballots", "_names", "addresses", "by_node", "candidates", "routers", "start")

    def __init__(self, routers: list[VirtualRouter], ballots: dict[object, Ballot]) -> None:
        """ballots: those of other contests, by their numbers: with the same there is one."""
        self._ballots = ballots
        self.routers = routers
        self.start: Change
        self._ballot: Ballot | None = None
        self.candidates: list[Candidate] = []
        self.by_node: dict[str, list[int]] = {}
        for router in routers:
            for member in router.members:
                candidate = Candidate(len(self.candidates), router, member)
                self.candidates.append(candidate)
                self.by_node.setdefault(member.node.name, []).append(candidate.number)
        held: dict[str, int] = {}
        for candidate in self.candidates:
            for vip in candidate.vips:
                held[vip] = held.get(vip, 0) | 1 << candidate.number
        self.addresses: dict[int, list[str]] = {}
        for vip, mask in held.items():
            self.addresses.setdefault(mask, []).append(vip)
        self._names: dict[int, tuple[str, ...]] = {}

    @property
    def ballot(self) -> Ballot:
        """The candidates in numbers, as they hear each other."""
        if self._ballot is None:
            hears = [0] * len(self.candidates)
            for router in self.routers:
                mine = [candidate.number for candidate in self.candidates if candidate.router is router]
                for listener in mine:
                    for speaker in mine:
                        if speaker != listener and self.deafness(listener, speaker) is None:
                            hears[listener] |= 1 << speaker
            self._ballot = self.ballot_with(tuple(hears))
        return self._ballot

    def ballot_with(self, hears: tuple[int, ...]) -> Ballot:
        """The candidates in numbers, each of which hears those of a mask."""
        candidates = self.candidates
        ballot = Ballot(
            tuple(candidate.state(0)[1] for candidate in candidates),
            hears,
            mask_of(candidate.number for candidate in candidates if candidate.instance.nopreempt.value),
            tuple(_group(self, candidate) for candidate in candidates),
            tuple(_address(candidate) for candidate in candidates),
            # A priority less by one waits longer by a part of 256 of the interval.
            int(_JITTER * 256 / min(candidate.instance.advert_int.value for candidate in candidates)),
        )
        return self._ballots.setdefault(ballot.key, ballot)

    def names(self, mask: int) -> tuple[str, ...]:
        """The nodes of the candidates in `mask`, in their order."""
        found = self._names.get(mask)
        if found is None:
            nodes = dict.fromkeys(self.candidates[number].node.name for number in bits(mask))
            found = self._names[mask] = tuple(nodes)
        return found

    def deafness(self, listener: int, speaker: int) -> Deafness | None:
        """Why one candidate does not accept the adverts of another of its virtual router."""
        return hearing.deafness(self.candidates[listener].member, self.candidates[speaker].member)


class Facts:
    """What is known of a cluster.

    contests: in the order of their first virtual routers. left_out: what is not analysed, and why. assumptions: what is
    taken for true without being known. bound: the nodes on which systemd stops keepalived when haproxy is gone.
    analyses: what was made of it, with and without pairs. stopping: by event, as far as asked, whether keepalived does
    not run on the node then.
    """

    __slots__ = (
        "_events", "_known", "_refusals", "analyses", "assumptions", "bound", "cluster", "contests", "left_out",
        "stopping",
    )  # fmt: skip

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.contests: list[Contest] = []
        self.left_out: list[str] = []
        self.assumptions: list[str] = []
        self.analyses: dict[bool, Analysis] = {}
        self.stopping: dict[Event, bool] = {}
        self._refusals: dict[str, str] = {}
        self._events: list[Event] | None = None
        self._known: dict[tuple[int, str], tuple[Check, bool | None] | str] = {}
        self.bound = {node.name for node in cluster.nodes if health.bound_to_haproxy(node)}

    def refusal(self, node: Node) -> str:
        """Why VRRP does not start on `node`, or ""."""
        if node.name not in self._refusals:
            self._refusals[node.name] = refusal.refusal(node)
        return self._refusals[node.name]

    @property
    def events(self) -> list[Event]:
        """What may happen, node by node."""
        if self._events is None:
            self._events = list(_events(self))
        return self._events

    def known(self, node: Node, tracked: Tracked) -> tuple[Check, bool | None] | str:
        """What is known of a check, and whether it always succeeds or always fails; or why keepalived drops it."""
        key = id(tracked.tracker or tracked), node.name
        if key not in self._known:
            script = tracked.tracker if isinstance(tracked.tracker, VrrpScript) else None
            outcome = None if script is None else check_faults.outcome(node, script)
            dropped = "" if script is None else health.dropped(self.cluster, node, script)
            self._known[key] = dropped or (check_script.read(node, tracked), outcome)
        return self._known[key]


def of(cluster: Cluster) -> Facts:
    """The facts of `cluster`, read once."""
    if cluster.facts is None:
        cluster.facts = _read(cluster)
    return cluster.facts


def _read(cluster: Cluster) -> Facts:
    facts = Facts(cluster)
    ballots: dict[object, Ballot] = {}
    for routers in _bound(cluster.virtual_routers):
        doubts = list(dict.fromkeys(doubt for router in routers for doubt in _doubts(router)))
        if doubts:
            names = " and ".join(router.name for router in routers)
            facts.left_out.append(f"{names}: not analysed, since {'; '.join(doubts)}")
            continue
        contest = Contest(routers, ballots)
        facts.assumptions += [line for router in routers for line in _shared_segments(router)]
        for candidate in contest.candidates:
            _watch(facts, candidate)
        contest.start = _start(contest)
        facts.contests.append(contest)
    facts.assumptions = list(dict.fromkeys((*_ASSUMED, *facts.assumptions))) if facts.contests else []
    return facts


def _bound(routers: list[VirtualRouter]) -> list[list[VirtualRouter]]:
    """The virtual routers, those together that sync groups bind to each other."""
    leader: dict[object, object] = {}

    def find(one: object) -> object:
        while leader.setdefault(one, one) is not one:
            leader[one] = leader[leader[one]]
            one = leader[one]
        return one

    for router in routers:
        for member in router.members:
            if member.instance.group is not None:
                leader[find(member.instance.group)] = find(router)
    bundles: dict[object, list[VirtualRouter]] = {}
    for router in routers:
        bundles.setdefault(find(router), []).append(router)
    return list(bundles.values())


def _doubts(router: VirtualRouter) -> list[str]:
    """Why nobody can tell what becomes of the addresses of `router`."""
    found = []
    for member in router.members:
        node, instance = member.node, member.instance
        keepalived = node.keepalived
        if not instance.complete or instance.unknown_addresses:
            found.append(f"{instance.name} of {node.name} could not be read completely")
        elif keepalived is not None and keepalived.missing_includes:
            found.append(f"files that keepalived.conf of {node.name} includes are not in the input")
        elif any(check.kind == "file" and check.weight for check in instance.checks):
            found.append(f"the priority on {node.name} depends on the number in a file")
    for source, members in router.shared_sources.items():
        known = [m.node.interfaces.has(source) for m in members if not _binds_anywhere(m.node, source)]
        if None in known and True not in known:
            found.append(f"nobody can tell which of {', '.join(m.node.name for m in members)} has {source}")
    return found


def _shared_segments(router: VirtualRouter) -> Iterable[str]:
    """What is assumed of interfaces whose networks are known, and have nothing in common."""
    known = [member for member in router.members if member.networks and not member.instance.unicast]
    for other in known[1:]:
        if not known[0].meets(other) and not known[0].facing(other) and not other.facing(known[0]):
            one, two = known[0], other
            yield (
                f"{one.instance.interface.value} of {one.node.name} and {two.instance.interface.value} of "
                f"{two.node.name} share a segment, though they are in {one.networks[0]} and {two.networks[0]}"
            )


def _watch(facts: Facts, candidate: Candidate) -> None:
    """Find out what a candidate tracks, what it serves, and whether it runs at all."""
    node, instance = candidate.node, candidate.instance
    for tracked in instance.checks:
        if tracked.kind == "interface" and tracked.name == instance.interface.value:
            candidate.apart[tracked] = "an instance tracks its own interface anyway"  # or never (measured)
            continue
        known = facts.known(node, tracked)
        if isinstance(known, str):
            candidate.apart[tracked] = known
        else:
            candidate.watches.append(Watch(1 << len(candidate.watches), tracked, *known))
    candidate.broken = sum(watch.bit for watch in candidate.watches if watch.outcome is False)
    certain = any(watch.looks_at_haproxy for watch in candidate.watches)
    candidate.serves = _serves(facts, node, instance, certain)
    if candidate.serves and not certain:
        for watch in candidate.watches:
            if watch.check.target is None and watch.tracked.kind == "script" and watch.outcome is None:
                watch.looks_at_haproxy = watch.assumed = True
                facts.assumptions.append(f"{watch.tracked.name} on {node.name} fails when haproxy dies there")
    for watch in candidate.watches:
        if watch.check.stops_keepalived is None and watch.tracked.kind == "script":
            facts.assumptions.append(f"{watch.tracked.name} on {node.name} does not stop keepalived itself")
    if not instance.dont_track_primary.value and instance.interface.value:
        candidate.interfaces.add(instance.interface.value)
    for line in instance.addresses + instance.excluded:
        if line.device is None or line.device.text == instance.interface.value:
            continue
        if all(word.text != "no_track" for word in line.statement.words):
            candidate.interfaces.add(line.device.text)
    candidate.down = _down(facts, candidate)


def _serves(facts: Facts, node: Node, instance: VrrpInstance, watched: bool) -> bool:
    """Whether haproxy serves the addresses of `instance` on `node`, as far as known; else it is assumed to, where
    something points that way."""
    if node.haproxy is None:
        if watched:
            facts.assumptions.append(f"haproxy serves {_vips(instance)} on {node.name}, where a check looks at it")
        return watched
    if health.serving(node, instance) is not None:
        return True
    if all(bind.known or _is_socket(bind) for proxy in node.haproxy.proxies for bind in proxy.binds):
        return False
    facts.assumptions.append(f"haproxy serves {_vips(instance)} on {node.name}")
    return True


def _is_socket(bind: Bind) -> bool:
    """Whether nobody reaches the bind by an address."""
    return bind.word.text.startswith(("/", "unix@", "abns@", "abnsz@", "fd@", "sockpair@", "rhttp@"))


def _vips(instance: VrrpInstance) -> str:
    return ", ".join(a.text for a in instance.advertised[:3])


def _down(facts: Facts, candidate: Candidate) -> str:
    """Why the candidate takes no part whatever happens."""
    node, instance = candidate.node, candidate.instance
    refusal = facts.refusal(node)
    if refusal:
        return f"VRRP on {node.name} does not start: {refusal}"
    own = instance.source.value if instance.unicast else None
    if own is not None and _is_elsewhere(candidate, own) and not _binds_anywhere(node, own):
        return f"{instance.name} on {node.name} stays in FAULT state: {own} is no address of the node"
    if instance.unicast_settings and not instance.peers and instance.faults_without_peer:
        return f"{instance.name} on {node.name} stays in FAULT state: it has no unicast peer"
    if candidate.state(0)[0]:
        fault = "a check of it always fails" if candidate.broken else "a check without weight is reversed"
        return f"{instance.name} on {node.name} is in FAULT state from the start: {fault}"
    return ""


def _is_elsewhere(candidate: Candidate, own: str) -> bool:
    """Whether the address that the candidate sends from certainly is none of its node's."""
    if (address.canonical(own) or own) in candidate.instance.all_vips:
        return True  # nobody has it before it is elected
    known = candidate.node.interfaces.has(own)
    if known is not None:
        return not known
    namesakes = candidate.router.shared_sources.get(address.canonical(own) or own, [])
    return any(m is not candidate.member and m.node.interfaces.has(own) is True for m in namesakes)


def _binds_anywhere(node: Node, own: str) -> bool:
    """Whether the kernel is known to let keepalived send from an address that is not there."""
    if "sysctl" not in node.collected:
        return False
    return node.sysctl.value(f"net.ipv{address.family(own) or 4}.ip_nonlocal_bind").value not in ("0", None)


def _group(contest: Contest, candidate: Candidate) -> int:
    """The mask of the candidates that change state with `candidate`."""
    group = candidate.instance.group
    if group is None:
        return 1 << candidate.number
    same = contest.by_node[candidate.node.name]
    return mask_of(number for number in same if contest.candidates[number].instance.group is group)


def _address(candidate: Candidate) -> int | None:
    """What decides between masters of equal priority, as a number."""
    source = candidate.member.source
    found = address.network(source) if source is not None else None
    return None if found is None else found.value


def _start(contest: Contest) -> Change:
    return Change(out=mask_of(candidate.number for candidate in contest.candidates if candidate.down))


def _events(facts: Facts) -> Iterable[Event]:
    """What may happen, node by node."""
    by_node: dict[str, list[Candidate]] = {}
    for contest in facts.contests:
        for candidate in contest.candidates:
            by_node.setdefault(candidate.node.name, []).append(candidate)
    for node in facts.cluster.nodes:
        mine = by_node.get(node.name, [])
        if not mine:
            continue
        yield Event(NODE_DOWN, node.name)
        yield Event(NODE_UP, node.name)
        if any(candidate.serves or _looks(candidate) for candidate in mine):
            yield Event(SERVICE_DOWN, node.name)
        names = {
            watch.tracked.name: None
            for candidate in mine
            for watch in candidate.watches
            if watch.tracked.kind != "interface" and not (watch.looks_at_haproxy and not watch.assumed)
        }
        for name in names:
            yield Event(CHECK_FAILED, node.name, name)
        for link in _links(mine):
            yield Event(LINK_DOWN, node.name, link)
        for direction in (IN, OUT, None):
            yield Event(VRRP_BLOCKED, node.name, direction=direction)


def _looks(candidate: Candidate) -> bool:
    return any(watch.looks_at_haproxy for watch in candidate.watches)


def _links(candidates: list[Candidate]) -> list[str | None]:
    """The links of a node that may go down: the names of its interfaces, or None where there is only one."""
    found: dict[str, None] = {}
    for candidate in candidates:
        if candidate.instance.interface.value:
            found[candidate.instance.interface.value] = None
        found |= dict.fromkeys(sorted(candidate.interfaces))
        found |= {watch.tracked.name: None for watch in candidate.watches if watch.tracked.kind == "interface"}
    return [None] if len(found) < 2 else list(found)
