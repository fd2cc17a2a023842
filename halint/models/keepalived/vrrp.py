"""VRRP instances with the values that keepalived 2.2 will use.

Sources: keepalived.conf(5); keepalived v2.2.7 keepalived/vrrp/vrrp.c (vrrp_complete_instance), vrrp_parser.c,
vrrp_track.c. Numbers out of range fall back as the daemon says when it does so ("Using default").
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from halint import address
from halint.models.keepalived import unicast
from halint.models.keepalived.block import between, head_of, is_number, last_line, lines_of, text_setting
from halint.models.keepalived.tracking import SyncGroup, Tracked, tracked_by
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
#: The only words that keepalived takes for a truth value, in this case (measured).
_TRUTH = {"true": True, "on": True, "yes": True, "false": False, "off": False, "no": False}
DEFAULT_PRIORITY = 100


class VrrpInstance:
    """One vrrp_instance; every Setting holds what keepalived uses.

    advert_int and preempt_delay in seconds. auth_pass as sent: at most 8 bytes. family: 4, 6 or None; first_address:
    the word that decides it. refused: the words that keepalived does not take for the keyword before them, by
    keyword; of auth_pass those that it cuts. peer_lines: of unicast_peer. unicast_settings: what asks for unicast.
    faults_without_peer: whether it goes to FAULT state where they name no peer. dont_track_primary: whether it goes on
    when the link of its interface is down. tracked_again: as of a SyncGroup. definitions_missing: whether some include
    of the node is not in the input. partial: some of the instance is not known: a file that it includes is not in the
    input, or nobody can tell which `@NAME` lines are this node's.
    """

    __slots__ = (
        "accept", "addresses", "advert_int", "auth_pass", "auth_type", "definitions_missing", "dont_track_primary",
        "excluded", "family", "faults_without_peer", "first_address", "group", "head", "interface", "mcast_group",
        "mcast_src_ip", "name", "nopreempt", "partial", "peer_lines", "preempt_delay", "priority", "refused", "state",
        "statement", "strict", "tracked", "tracked_again", "unicast_peers", "unicast_settings", "unicast_src_ip",
        "use_vmac", "version", "vrid",
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
    dont_track_primary: Setting[bool]
    unicast_peers: list[Word]
    peer_lines: list[Statement]
    unicast_settings: list[Statement]
    faults_without_peer: bool
    unicast_src_ip: Setting[str | None]
    mcast_src_ip: Setting[str | None]
    mcast_group: Setting[str]
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

    def line_of(self, vip: str) -> VirtualAddress:
        """The first line that sets `vip`, which is one of all_vips."""
        return next(line for line in (*self.advertised, *self.excluded) if line.address == vip)

    def is_unknown(self, word: Word) -> bool:
        """Whether nobody can tell what `word` is: it holds a `${NAME}`, which nothing defines or keepalived itself, or
        a definition that may stand in a file that is not in the input."""
        return "${" in word.text or (self.definitions_missing and "$" in word.text)

    @property
    def unknown_addresses(self) -> bool:
        """Whether some address, virtual or of a peer, is not known."""
        return any(self.is_unknown(word) for word in [line.word for line in self.addresses] + self.unicast_peers)

    @property
    def unicast(self) -> bool:
        """Whether adverts go to peers; with a unicast_peer that has none, keepalived uses multicast (measured)."""
        return bool(self.peers)

    @property
    def source(self) -> Setting[str | None]:
        """The address that adverts are to come from: unicast_src_ip and mcast_src_ip name the same (measured)."""
        return self.unicast_src_ip if self.unicast_src_ip.value else self.mcast_src_ip

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
    def auth_lost_to_strict(self) -> bool:
        """Whether the adverts would carry authentication, were it not for strict mode."""
        strict = (
            self.strict.value and self.version.value == 2 and not (self.auth_type.value == "AH" and self.family == 6)
        )
        return strict and bool(self.auth_type.value and self.auth_pass.value)

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
            and all(is_number(s.word.text) for s in (self.vrid, self.priority, self.advert_int) if s.word)
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

    def tracks_with_group(self, tracked: Tracked) -> bool:
        """Whether `tracked` is an interface that its sync group tracks for it, too, of which keepalived complains."""
        if self.group is None or tracked.shared or tracked.kind != "interface" or not tracked.taken:
            return False
        return (tracked.kind, tracked.name) in self.group.names and tracked.name != self.interface.value

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
        return between(1, self.total(failing, apart), OWNER_PRIORITY - 1)

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
    it.head = head_of(statement)
    it.name = it.head.text
    it.group = None
    it.partial = False
    it.addresses = [VirtualAddress(s) for s in lines_of(statement, "virtual_ipaddress")]
    it.excluded = [VirtualAddress(s) for s in lines_of(statement, "virtual_ipaddress_excluded")]
    it.peer_lines = lines_of(statement, "unicast_peer")
    it.unicast_peers = [line.words[0] for line in it.peer_lines]
    it.unicast_settings = list(statement.statements(*unicast.KEYWORDS))
    it.faults_without_peer = last_line(statement, "unicast_fault_no_peer") is not None
    it.unicast_src_ip = text_setting(statement, "unicast_src_ip")
    it.mcast_src_ip = text_setting(statement, "mcast_src_ip")
    it.family, it.first_address = _family(statement)
    it.interface = text_setting(statement, "interface")
    it.vrid = _vrid(it, statement)
    it.state = _state(it, statement)
    it.priority = _priority(it, statement)
    it.version = _version(model, statement, it.family)
    it.strict = _strict(model, statement)
    it.advert_int = _advert_int(it, statement)
    it.accept = _accept(statement, it)
    it.use_vmac = _flag(statement, "use_vmac")
    it.dont_track_primary = _flag(statement, "dont_track_primary")
    it.auth_type, it.auth_pass = _authentication(it, statement)
    _settle_state(it)
    it.nopreempt = _nopreempt(statement, it)
    it.preempt_delay = _preempt_delay(it, statement)
    it.mcast_group = _multicast_group(model, statement, it.family)
    it.tracked, it.tracked_again = tracked_by(model, statement)
    return it


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
            return Setting(3 if late else int(word.text), head_of(block), word, found)
    written = model.global_setting("vrrp_version")
    word = written.argument() if written else None
    default = int(word.text) if word is not None and word.text in ("2", "3") else 2
    return Setting(3 if family == 6 else default, head_of(block), word, written)


def _strict(model: Keepalived, block: Statement) -> Setting[bool]:
    """`strict_mode` of the instance; else `vrrp_strict`, which is on whatever word stands behind it (measured)."""
    written = model.global_setting("vrrp_strict")
    setting = Setting(written is not None, head_of(block), written.words[0] if written else None, written)
    for found in block.statements("strict_mode"):
        word = found.argument()
        value = True if word is None else _TRUTH.get(word.text)
        if value is not None:
            setting = Setting(value, head_of(block), word or found.words[0], found)
    return setting


def _flag(block: Statement, keyword: str) -> Setting[bool]:
    found = last_line(block, keyword)
    return Setting(found is not None, head_of(block), found.words[0] if found else None, found)


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
    found = last_line(block, "accept", "no_accept")
    wanted = found is not None and found.keyword == "accept"
    value = (wanted and it.version.value == 3) if it.strict.value else found is None or wanted
    if it.priority.value == OWNER_PRIORITY:
        value = True
    return Setting(value, it.strict.at, found.words[0] if found else None, found)


def _nopreempt(block: Statement, it: VrrpInstance) -> Setting[bool]:
    """keepalived clears nopreempt with `state MASTER` and for an address owner; a later `preempt` wins (measured)."""
    found = last_line(block, "nopreempt", "preempt")
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


def _multicast_group(model: Keepalived, block: Statement, family: int | None) -> Setting[str]:
    """`mcast_dst_ip` of the instance; else that of global_defs for the family. Canonical."""
    keyword, default = ("vrrp_mcast_group6", "ff02::12") if family == 6 else ("vrrp_mcast_group4", "224.0.0.18")
    for written in (last_line(block, "mcast_dst_ip"), model.global_setting(keyword)):
        word = written.argument() if written else None
        if word is not None and address.family(word.text) == (family or 4):
            return Setting(address.canonical(word.text) or default, head_of(block), word, written)
    return Setting(default, head_of(block))
