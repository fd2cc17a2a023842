"""VRRP instances with the values that keepalived 2.2 will use, the checks that they track, and sync groups.

Sources: keepalived.conf(5); keepalived v2.2.7 keepalived/vrrp/vrrp.c (vrrp_complete_instance), vrrp_parser.c,
vrrp_track.c. Numbers out of range fall back as the daemon says when it does so ("Using default").
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from halint import address
from halint.models.keepalived import unicast
from halint.models.keepalived.values import decimal, integer
from halint.models.keepalived.virtual_address import VirtualAddress
from halint.models.setting import Setting
from halint.tree import Statement, Word

if TYPE_CHECKING:
    from halint.models.keepalived import Keepalived

#: keepalived sends this many bytes of auth_pass.
AUTH_BYTES = 8
OWNER_PRIORITY = 255
#: Of VrrpInstance.auth_ignored.
NO_PASSWORD = "there is no auth_pass"
#: keepalived cuts the weight of a check to 253 up and down (measured).
MAX_WEIGHT = 253
#: The only words that keepalived takes for a truth value, in this case (measured).
_TRUTH = {"true": True, "on": True, "yes": True, "false": False, "off": False, "no": False}
DEFAULT_PRIORITY = 100


class Tracker:
    """A definition that instances can track: vrrp_script, vrrp_track_process, track_file.

    kind: "script", "process" or "file". weight: 0 where a failure means FAULT, the default of scripts and, against
    the manual, of processes; a number out of range is cut to the nearest (measured). reverse: success and failure
    swapped.
    """

    __slots__ = ("head", "kind", "name", "reverse", "statement", "weight")

    def __init__(self, statement: Statement, kind: str) -> None:
        self.statement = statement
        self.head = statement.words[1]
        self.name = self.head.text
        self.kind = kind
        self.weight = _weight(statement, kind)
        self.reverse = (
            "reverse" in [w.text for w in self.weight.statement.words[2:]] if self.weight.statement else False
        )


class VrrpScript(Tracker):
    """A check script. words: the words after `script`; only the first runs unless they are one quoted string."""

    __slots__ = ("fall", "interval", "rise", "script", "user", "words")

    def __init__(self, statement: Statement) -> None:
        super().__init__(statement, "script")
        self.script = _last(statement, "script")
        self.words = arguments(self.script) if self.script else []
        self.user = _text(statement, "user")
        self.interval = _seconds(statement, "interval", 1.0)
        self.rise = _number(statement, "rise", 1, 1, 2**31 - 1)
        self.fall = _number(statement, "fall", 1, 1, 2**31 - 1)

    @property
    def command(self) -> str:
        """What keepalived executes: the first word, which is everything where it was quoted."""
        return self.words[0].text if self.words else ""


class Tracked:
    """One check that an instance tracks, on its own or through its sync group.

    tracker: its definition, or None where keepalived ignores the line since nothing of that name is defined
    before it. misread: whether it ignores the line for what follows the name (measured). weight: of this use; 0
    means that a failure is FAULT. weight_word: what sets the weight, on the line or in the definition, or None.
    reverse: success and failure swapped. kind: "script", "process", "file" or "interface". shared: whether it is the
    sync group that tracks it.
    """

    __slots__ = (
        "kind", "misread", "name", "reverse", "shared", "statement", "tracker", "weight", "weight_word", "word",
    )  # fmt: skip

    def __init__(self, statement: Statement, kind: str, tracker: Tracker | None) -> None:
        self.statement = statement
        self.shared = False
        self.word = statement.words[0]
        self.name = self.word.text
        self.kind = kind
        self.tracker = tracker
        options = [word.text for word in statement.words[1:]]
        self.misread = bool(options) and (options[0] != "weight" or len(options) < 2)
        written = None if self.misread else statement.argument(1)
        number = integer(written.text) if written else None
        if number is None or abs(number) > MAX_WEIGHT + 1:
            self.weight = tracker.weight.value if tracker else 0
            self.weight_word = tracker.weight.word if tracker else None
        else:
            self.weight = _between(-MAX_WEIGHT, number, MAX_WEIGHT)
            self.weight_word = written
        self.reverse = options[2] == "reverse" if len(options) > 2 else tracker is not None and tracker.reverse

    @property
    def taken(self) -> bool:
        """Whether keepalived keeps the line."""
        return not self.misread and (self.tracker is not None or self.kind == "interface")

    def adds(self, *, failing: bool) -> int:
        """What it adds to the priority: a positive weight counts while the check succeeds, a negative one while it
        fails, with `reverse` the other way up or down. Of a file, whose value is not known, nothing."""
        if self.kind == "file" or (self.weight < 0) != failing:
            return 0
        return -self.weight if self.reverse else self.weight


class SyncGroup:
    """vrrp_sync_group: instances that change state together.

    members: the names in its first block `group`; keepalived reads no other. tracked: what the group tracks for all
    its members; cleared: those of them whose weight keepalived clears, so that a failure is FAULT, since a member is
    an address owner (measured). tracked_again: lines with a name that it tracks already, which keepalived ignores.
    names: kind and name of each of them. member_weights: whether weights count that its members give to scripts of
    their own.
    """

    __slots__ = (
        "cleared", "head", "member_weights", "members", "name", "names", "statement", "tracked", "tracked_again",
    )  # fmt: skip

    def __init__(self, statement: Statement, tracked: list[Tracked], again: list[Tracked]) -> None:
        self.statement = statement
        self.tracked_again = again
        self.head = _head(statement)
        self.name = self.head.text
        first = next(statement.statements("group"), None)
        self.members = [word for line in (first.body if first else None) or () for word in line.words]
        self.tracked = tracked
        self.names = {(one.kind, one.name) for one in tracked}
        for one in tracked:
            one.shared = True
        self.cleared: list[Tracked] = []
        self.member_weights = _last(statement, "sync_group_tracking_weight", "global_tracking") is not None


class VrrpInstance:
    """One vrrp_instance; every Setting holds what keepalived uses.

    advert_int and preempt_delay in seconds. auth_pass as sent: at most 8 bytes. family: 4, 6 or None; first_address:
    the word that decides it. refused: the words that keepalived does not take for the keyword before them, by
    keyword; of auth_pass those that it cuts. peer_lines: of unicast_peer. unicast_settings: what asks for unicast.
    faults_without_peer: whether it goes to FAULT state where they name no peer. tracked_again: as of a SyncGroup.
    definitions_missing: whether some include of the node is not in the input. partial: some of the instance is not
    known: a file that it includes is not in the input, or nobody can tell which `@NAME` lines are this node's.
    """

    __slots__ = (
        "accept", "addresses", "advert_int", "auth_pass", "auth_type", "definitions_missing", "excluded", "family",
        "faults_without_peer", "first_address", "group", "head", "interface", "mcast_group", "mcast_src_ip", "name",
        "nopreempt", "partial", "peer_lines", "preempt_delay", "priority", "refused", "state", "statement", "strict",
        "tracked", "tracked_again", "unicast_peers", "unicast_settings", "unicast_src_ip", "use_vmac", "version",
        "vrid",
    )  # fmt: skip

    statement: Statement
    head: Word
    name: str
    interface: Setting[str | None]
    vrid: Setting[int | None]
    state: Setting[str]
    priority: Setting[int]
    version: Setting[int]
    advert_int: Setting[float]
    auth_type: Setting[str]
    auth_pass: Setting[bytes]
    nopreempt: Setting[bool]
    preempt_delay: Setting[float]
    strict: Setting[bool]
    accept: Setting[bool]
    use_vmac: Setting[bool]
    unicast_peers: list[Word]
    peer_lines: list[Statement]
    unicast_settings: list[Statement]
    faults_without_peer: bool
    unicast_src_ip: Setting[str | None]
    mcast_src_ip: Setting[str | None]
    mcast_group: str
    addresses: list[VirtualAddress]
    excluded: list[VirtualAddress]
    family: int | None
    first_address: Word | None
    definitions_missing: bool
    refused: dict[str, list[Word]]
    tracked: list[Tracked]
    tracked_again: list[Tracked]
    group: SyncGroup | None
    partial: bool

    @property
    def advertised(self) -> list[VirtualAddress]:
        """The addresses that the adverts carry, in order; one that is listed twice is carried twice (measured)."""
        return [a for a in self.addresses if a.address and not a.dropped and a.family == self.family]

    @property
    def vips(self) -> frozenset[str]:
        """The addresses that the adverts carry, canonical: what peers must have in common."""
        return frozenset(a.address for a in self.advertised if a.address)

    @property
    def all_vips(self) -> frozenset[str]:
        """The addresses that the holder sets: with those of virtual_ipaddress_excluded."""
        return self.vips | {a.address for a in self.excluded if a.address and not a.dropped}

    def is_unknown(self, word: Word) -> bool:
        """Whether nobody can tell what `word` is: it holds a standard definition (`${_ENV NAME}`), which only some
        versions of keepalived know, or one that may stand in a file that is not in the input."""
        return "${_" in word.text or (self.definitions_missing and "$" in word.text)

    @property
    def unknown_addresses(self) -> bool:
        """Whether some address, virtual or of a peer, is not known."""
        return any(self.is_unknown(word) for word in [line.word for line in self.addresses] + self.unicast_peers)

    @property
    def unicast(self) -> bool:
        """Whether adverts go to peers; with a unicast_peer that has none, keepalived uses multicast (measured)."""
        return bool(self.peers)

    @property
    def peers(self) -> frozenset[str]:
        """The unicast peers, canonical; keepalived tolerates a netmask behind one and skips the other family."""
        family = self.family or 4
        hosts = [word for word in self.unicast_peers if unicast.is_host(word, family)]
        return frozenset(address.canonical(word.text.partition("/")[0]) or word.text for word in hosts)

    @property
    def authentication(self) -> tuple[str, bytes]:
        """What the adverts carry."""
        if self.auth_ignored or not self.auth_type.value:
            return "", b""
        return self.auth_type.value, self.auth_pass.value

    @property
    def knows_no_authentication(self) -> str:
        """Why no adverts of the instance can carry any authentication, or "" where they can (measured)."""
        if self.strict.value:
            return "strict mode knows no authentication"
        return "VRRP version 3 knows no authentication" if self.version.value == 3 else ""

    @property
    def auth_ignored(self) -> str:
        """Why the adverts carry no authentication although its type is written, or "" (measured)."""
        kind = self.auth_type.value
        if not kind:
            return ""
        if self.knows_no_authentication:
            return self.knows_no_authentication
        if not self.auth_pass.value:
            return NO_PASSWORD
        return "AH does not work with IPv6" if kind == "AH" and self.family == 6 else ""

    @property
    def preempt_delay_ignored(self) -> str:
        """Why keepalived clears preempt_delay, or "" where it does not, or there is none (measured)."""
        if not self.preempt_delay.value:
            return ""
        if self.state.value == "MASTER" and (self.state.word is None or self.state.word.text == "MASTER"):
            return "the initial state is MASTER"
        if self.strict.value:
            return "strict mode knows no delay"
        return "with nopreempt nothing is delayed" if self.nopreempt.value else ""

    @property
    def advert_int_changed(self) -> bool:
        """Whether keepalived rounds or cuts the interval that is written, or complains of its decimals (measured)."""
        word = self.advert_int.word
        number = decimal(word.text) if word is not None and word not in self.refused.get("advert_int", ()) else None
        if word is None or number is None:
            return False
        return number != self.advert_int.value or len(word.text.partition(".")[2]) > 6

    @property
    def complete(self) -> bool:
        """Whether addresses and numbers could all be read: nothing is to be concluded from a placeholder."""
        return (
            bool(self.addresses)
            and all(a.address for a in self.addresses)
            and all(address.network(word.text) for word in self.unicast_peers)
            and all(_is_number(s.word.text) for s in (self.vrid, self.priority, self.advert_int) if s.word)
            and not self.partial
        )

    @property
    def checks(self) -> list[Tracked]:
        """What is tracked and counts: that is not ignored."""
        return [tracked for tracked in self.tracked if not self.ignores(tracked)]

    def ignores(self, tracked: Tracked) -> str:
        """Why keepalived ignores what a line tracks, or "" where it does not (all measured)."""
        if tracked.misread:
            return "what stands behind the name is not understood"
        if tracked.tracker is None and tracked.kind != "interface":
            return "nothing of that name is defined before it"
        if self.group is not None and not tracked.shared and (tracked.kind, tracked.name) in self.group.names:
            return "the sync group tracks it too"
        if tracked.kind == "script" and self.discounts(tracked):
            return self.discount_reason(tracked)
        return ""

    def discounts(self, tracked: Tracked) -> str:
        """What keeps the weight of a line of its own from counting: "group", "owner", or "" where it counts, or there
        is none (all measured). Weights of processes do count."""
        if not tracked.weight or tracked.shared or tracked.kind == "process":
            return ""
        if self.group is not None and not self.group.member_weights:
            return "group"
        return "owner" if self.priority.value == OWNER_PRIORITY else ""

    def discount_reason(self, tracked: Tracked) -> str:
        """The same in words."""
        if self.discounts(tracked) == "owner":
            return f"weights of {tracked.kind}s do not count for an address owner (priority {OWNER_PRIORITY})"
        group = self.group.name if self.group else ""
        return f"weights of {tracked.kind}s do not count for a member of a sync group ({group})"

    def priority_with(self, failing: list[Tracked], apart: list[Tracked] | None = None) -> int:
        """The priority that it advertises while the checks `failing` fail and the others succeed; see `total`."""
        if self.priority.value == OWNER_PRIORITY:
            return OWNER_PRIORITY
        return _between(1, self.total(failing, apart), OWNER_PRIORITY - 1)

    def total(self, failing: list[Tracked], apart: list[Tracked] | None = None) -> int:
        """The priority before keepalived cuts it to 1 and 254. apart: checks to leave out."""
        counting = [check for check in self.checks if check not in (apart or ())]
        return self.priority.value + sum(check.adds(failing=check in failing) for check in counting)

    @property
    def healthy_priority(self) -> int:
        """The priority while every check succeeds: a positive weight is added then, not when the check fails."""
        return self.priority_with([])

    def join(self, group: SyncGroup) -> None:
        """Become a member of `group`: what it tracks counts for every member."""
        self.group = group
        if self.priority.value == OWNER_PRIORITY:
            for tracked in group.tracked:
                if tracked.weight:
                    tracked.weight = 0
                    group.cleared.append(tracked)
        self.tracked = self.tracked + group.tracked


def read_instance(model: Keepalived, statement: Statement) -> VrrpInstance:
    """The instance that the block `statement` of `model` defines."""
    it = VrrpInstance()
    it.statement = statement
    it.refused = {}
    it.definitions_missing = bool(model.missing_includes)
    it.head = _head(statement)
    it.name = it.head.text
    it.group = None
    it.partial = False
    it.addresses = [VirtualAddress(s) for s in _lines(statement, "virtual_ipaddress")]
    it.excluded = [VirtualAddress(s) for s in _lines(statement, "virtual_ipaddress_excluded")]
    it.peer_lines = _lines(statement, "unicast_peer")
    it.unicast_peers = [line.words[0] for line in it.peer_lines]
    it.unicast_settings = list(statement.statements(*unicast.KEYWORDS))
    it.faults_without_peer = _last(statement, "unicast_fault_no_peer") is not None
    it.unicast_src_ip = _text(statement, "unicast_src_ip")
    it.mcast_src_ip = _text(statement, "mcast_src_ip")
    it.family, it.first_address = _family(statement)
    it.interface = _text(statement, "interface")
    it.vrid = _vrid(it, statement)
    it.state = _state(it, statement)
    it.priority = _priority(it, statement)
    it.version = _version(model, statement, it.family)
    it.strict = _strict(model, statement)
    it.advert_int = _advert_int(it, statement)
    it.accept = _accept(statement, it)
    it.use_vmac = _use_vmac(statement)
    it.auth_type, it.auth_pass = _authentication(it, statement)
    _settle_state(it)
    it.nopreempt = _nopreempt(statement, it)
    it.preempt_delay = _preempt_delay(it, statement)
    it.mcast_group = _multicast_group(model, statement, it.family)
    it.tracked, it.tracked_again = _tracked(model, statement)
    return it


def read_tracker(statement: Statement) -> Tracker | None:
    """The tracker that `statement` defines; None where keepalived drops it: no name, or a script without `script`."""
    if len(statement.words) < 2:
        return None
    if statement.keyword == "vrrp_script":
        script = VrrpScript(statement)
        return script if script.words else None
    return Tracker(statement, "process" if statement.keyword == "vrrp_track_process" else "file")


def read_sync_group(model: Keepalived, statement: Statement) -> SyncGroup:
    return SyncGroup(statement, *_tracked(model, statement))


def _tracked(model: Keepalived, block: Statement) -> tuple[list[Tracked], list[Tracked]]:
    """What `block` tracks, and what it tracks once more: of two lines with one name the first counts that keepalived
    takes at all (measured)."""
    found: dict[tuple[str, str], Tracked] = {}
    again: list[Tracked] = []
    for kind in ("script", "process", "file", "interface"):
        for line in _lines(block, f"track_{kind}"):
            name = line.words[0].text
            tracked = Tracked(line, kind, model.trackers.get((f"track_{kind}", name)))
            first = found.setdefault((kind, name), tracked)
            if first is not tracked and tracked.taken:
                if first.taken:
                    again.append(tracked)
                else:
                    found[kind, name] = tracked
    return list(found.values()), again


def _family(statement: Statement) -> tuple[int | None, Word | None]:
    """Of the first address in the file, with that; keepalived skips those of the other one (measured)."""
    single = {"unicast_src_ip", "mcast_src_ip"}
    for inner in statement.body or ():
        if inner.keyword == "native_ipv6":
            return 6, inner.words[0]
        words = [line.words[0] for line in inner.body or ()] if inner.keyword in _ADDRESS_BLOCKS else []
        words += inner.words[1:2] if inner.keyword in single else []
        for word in words:
            if unicast.is_host(word):
                return address.family(word.text.partition("/")[0]), word
    return None, None


_ADDRESS_BLOCKS = frozenset({"virtual_ipaddress", "unicast_peer"})


def _values(block: Statement, keyword: str) -> Iterator[tuple[Statement, Word]]:
    """The statements `keyword` that have an argument, with that."""
    for found in block.statements(keyword):
        word = found.argument()
        if word is not None:
            yield found, word


def _refuse(it: VrrpInstance, keyword: str, word: Word) -> None:
    if not it.is_unknown(word):
        it.refused.setdefault(keyword, []).append(word)


def _vrid(it: VrrpInstance, block: Statement) -> Setting[int | None]:
    """The last that is valid (measured)."""
    setting: Setting[int | None] = Setting(None, it.head)
    for found, word in _values(block, "virtual_router_id"):
        number = integer(word.text)
        valid = number is not None and 1 <= number <= 255
        if not valid:
            _refuse(it, "virtual_router_id", word)
        if valid or setting.value is None:
            setting = Setting(number if valid else None, it.head, word, found)
    return setting


def _state(it: VrrpInstance, block: Statement) -> Setting[str]:
    """As written: BACKUP behind MASTER is ignored, any other word means BACKUP (measured)."""
    setting = Setting("BACKUP", it.head)
    for found, word in _values(block, "state"):
        if word.text not in ("MASTER", "BACKUP"):
            _refuse(it, "state", word)
        if not (word.text == "BACKUP" and setting.value == "MASTER"):
            setting = Setting("MASTER" if word.text == "MASTER" else "BACKUP", it.head, word, found)
    return setting


def _settle_state(it: VrrpInstance) -> None:
    """An address owner starts as MASTER; with authentication by AH, or in strict mode, no other does (measured)."""
    if it.priority.value == OWNER_PRIORITY:
        it.state.value = "MASTER"
    elif it.strict.value or it.authentication[0] == "AH":
        it.state.value = "BACKUP"


def _priority(it: VrrpInstance, block: Statement) -> Setting[int]:
    """The last; where it is not valid, the default (measured)."""
    setting = Setting(OWNER_PRIORITY if it.state.value == "MASTER" else DEFAULT_PRIORITY, it.head)
    for found, word in _values(block, "priority"):
        number = integer(word.text)
        if number is None or not 1 <= number <= OWNER_PRIORITY:
            _refuse(it, "priority", word)
            number = DEFAULT_PRIORITY
        setting = Setting(number, it.head, word, found)
    return setting


def _version(model: Keepalived, block: Statement, family: int | None) -> Setting[int]:
    """The first valid `version` of the instance. IPv6 means 3, unless it stands before the addresses (measured)."""
    for found in block.statements("version"):
        word = found.argument()
        if word is not None and word.text in ("2", "3"):
            late = family == 6 and any(
                s.keyword in _ADDRESS_BLOCKS and s.start < found.start for s in block.statements()
            )
            return Setting(3 if late else int(word.text), _head(block), word, found)
    written = model.global_setting("vrrp_version")
    word = written.argument() if written else None
    default = int(word.text) if word is not None and word.text in ("2", "3") else 2
    return Setting(3 if family == 6 else default, _head(block), word, written)


def _strict(model: Keepalived, block: Statement) -> Setting[bool]:
    """`strict_mode` of the instance; else `vrrp_strict`, which is on whatever word stands behind it (measured)."""
    written = model.global_setting("vrrp_strict")
    if written is None:
        setting = Setting(False, _head(block))
    else:
        setting = Setting(True, _head(block), written.words[0], written)
    for found in block.statements("strict_mode"):
        word = found.argument()
        value = True if word is None else _TRUTH.get(word.text)
        if value is not None:
            setting = Setting(value, _head(block), word or found.words[0], found)
    return setting


def _use_vmac(block: Statement) -> Setting[bool]:
    found = _last(block, "use_vmac")
    return Setting(found is not None, _head(block), found.words[0] if found else None, found)


def _advert_int(it: VrrpInstance, block: Statement) -> Setting[float]:
    """The last that is valid: whole seconds in VRRP version 2, rounded and not below one; hundredths up to 40.95 s
    in 3 (measured)."""
    setting = Setting(1.0, it.head)
    for found, word in _values(block, "advert_int"):
        number = decimal(word.text)
        if number is None or not 0.01 <= number <= 255:
            _refuse(it, "advert_int", word)
            number = setting.value
            word, found = setting.word or word, setting.statement or found
        setting = Setting(number, it.head, word, found)
    if it.version.value == 2:
        setting.value = max(1.0, float(int(setting.value + 0.5)))
    else:
        setting.value = min(40.95, int(setting.value * 100 + 0.5) / 100)
    return setting


def _preempt_delay(it: VrrpInstance, block: Statement) -> Setting[float]:
    """In seconds, up to 1000; 0 is none. keepalived clears it with `state MASTER`, in strict mode and with nopreempt
    (measured)."""
    setting = Setting(0.0, it.head)
    for found, word in _values(block, "preempt_delay"):
        number = decimal(word.text)
        if number is None or number > 1000:
            _refuse(it, "preempt_delay", word)
            number = 0.0
        setting = Setting(number, it.head, word, found)
    return setting


def _accept(block: Statement, it: VrrpInstance) -> Setting[bool]:
    """Whether the node takes packets to the addresses: the last of accept and no_accept says; in strict mode only
    `accept` in VRRP version 3 does; an owner always does (measured)."""
    found = _last(block, "accept", "no_accept")
    wanted = found is not None and found.keyword == "accept"
    value = (wanted and it.version.value == 3) if it.strict.value else found is None or wanted
    if it.priority.value == OWNER_PRIORITY:
        value = True
    return Setting(value, it.strict.at, found.words[0] if found else None, found)


def _nopreempt(block: Statement, it: VrrpInstance) -> Setting[bool]:
    """keepalived clears nopreempt with `state MASTER` and for an address owner; a later `preempt` wins (measured)."""
    found = _last(block, "nopreempt", "preempt")
    value = found is not None and found.keyword == "nopreempt" and it.state.value != "MASTER"
    return Setting(value, it.head, found.words[0] if found else None, found)


def _authentication(it: VrrpInstance, block: Statement) -> tuple[Setting[str], Setting[bytes]]:
    kind: Setting[str] = Setting("", it.head)
    password: Setting[bytes] = Setting(b"", it.head)
    for inner in block.statements("authentication"):
        for line in inner.statements("auth_type", "auth_pass"):
            word = line.argument()
            if word is None:
                continue
            if line.keyword == "auth_pass":
                data = word.text.encode("utf-8", "surrogateescape")
                if len(data) > AUTH_BYTES:
                    _refuse(it, "auth_pass", word)
                password = Setting(data[:AUTH_BYTES], inner.words[0], word, line)
            elif word.text in ("PASS", "AH"):
                kind = Setting(word.text, inner.words[0], word, line)
            else:
                _refuse(it, "auth_type", word)
                kind = Setting("", inner.words[0], word, line)
    return kind, password


def _multicast_group(model: Keepalived, block: Statement, family: int | None) -> str:
    """`mcast_dst_ip` of the instance; else that of global_defs for the family."""
    keyword, default = ("vrrp_mcast_group6", "ff02::12") if family == 6 else ("vrrp_mcast_group4", "224.0.0.18")
    own, shared = _text(block, "mcast_dst_ip").value, model.global_text(keyword).value
    found = [address.canonical(text) for text in (own, shared) if text and address.family(text) == (family or 4)]
    return next((group for group in found if group), default)


def _head(block: Statement) -> Word:
    return block.words[1] if len(block.words) > 1 else block.words[0]


def arguments(statement: Statement) -> list[Word]:
    """The arguments of a line that names a script: there single quotes hold words together too (measured)."""
    found: list[Word] = []
    for word in statement.arguments:
        last = found[-1] if found else word
        if last is not word and last.text.startswith("'"):
            last = found[-1] = Word(word.source, last.start, word.end)
        else:
            last = word
            found.append(word)
        if len(last.raw) > 1 and last.raw.startswith("'") and last.raw.endswith("'"):
            found[-1] = Word(last.source, last.start, last.end, last.raw[1:-1])
    return found


def _last(block: Statement, *keywords: str) -> Statement | None:
    """keepalived lets the last one win."""
    found = None
    for statement in block.statements(*keywords):
        found = statement
    return found


def _lines(block: Statement, keyword: str) -> list[Statement]:
    """The lines of every block `keyword`; keepalived adds the blocks up."""
    return [line for inner in block.statements(keyword) for line in inner.body or ()]


def _text(block: Statement, keyword: str) -> Setting[str | None]:
    found = _last(block, keyword)
    word = found.argument() if found else None
    return Setting(word.text if word else None, _head(block), word, found)


def _number(block: Statement, keyword: str, default: int, low: int, high: int) -> Setting[int]:
    found = _last(block, keyword)
    word = found.argument() if found else None
    number = integer(word.text) if word else None
    return Setting(number if number is not None and low <= number <= high else default, _head(block), word, found)


def _weight(block: Statement, kind: str) -> Setting[int]:
    """A file's weight, by default 1, multiplies the number that stands in it."""
    found = _last(block, "weight")
    word = found.argument() if found else None
    number = integer(word.text) if word else None
    if number is None:
        number = 1 if kind == "file" else 0
    return Setting(_between(-MAX_WEIGHT, number, MAX_WEIGHT), _head(block), word, found)


def _between(low: int, number: int, high: int) -> int:
    return max(low, min(number, high))


def _seconds(block: Statement, keyword: str, default: float) -> Setting[float]:
    found = _last(block, keyword)
    word = found.argument() if found else None
    number = decimal(word.text) if word else None
    return Setting(default if number is None or number <= 0 else number, _head(block), word, found)


def _is_number(text: str) -> bool:
    return integer(text) is not None or decimal(text) is not None
