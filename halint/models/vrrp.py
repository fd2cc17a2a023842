"""VRRP instances with the values that keepalived 2.2 will use, the checks that they track, and sync groups.

Sources: keepalived.conf(5); keepalived v2.2.7 keepalived/vrrp/vrrp.c (vrrp_complete_instance), vrrp_parser.c,
vrrp_track.c. Numbers out of range fall back as the daemon says when it does so ("Using default").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint import address
from halint.models.setting import Setting
from halint.tree import Statement, Word

if TYPE_CHECKING:
    from halint.models.keepalived import Keepalived

#: Longest label that the kernel takes (IFNAMSIZ - 1); keepalived removes an address with a longer one.
MAX_LABEL = 15
#: keepalived sends this many bytes of auth_pass.
AUTH_BYTES = 8
OWNER_PRIORITY = 255
DEFAULT_PRIORITY = 100


class VirtualAddress:
    """One line of virtual_ipaddress or virtual_ipaddress_excluded.

    address: canonical, or None where the text is none (a placeholder, a macro). family: 4, 6 or None.
    dropped: why keepalived does not set it, or "".
    """

    __slots__ = ("address", "device", "dropped", "family", "label", "statement", "word")

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self.word = statement.words[0]
        network = address.network(self.word.text)
        self.family = network.family if network else None
        self.address = address.canonical(self.word.text)
        self.device = _option(statement, "dev")
        self.label = _option(statement, "label")
        self.dropped = ""
        if self.label is not None and self.family == 4 and len(self.label.text.encode()) > MAX_LABEL:
            self.dropped = f"its label is longer than {MAX_LABEL} characters"

    @property
    def text(self) -> str:
        """The address as a person would name it: without prefix length."""
        return self.address or self.word.text.partition("/")[0]


class Tracker:
    """A definition that instances can track: vrrp_script, vrrp_track_process, track_file.

    kind: "script", "process" or "file". weight: 0 where a failure means FAULT.
    """

    __slots__ = ("head", "kind", "name", "statement", "weight")

    def __init__(self, statement: Statement, kind: str) -> None:
        self.statement = statement
        self.head = statement.words[1]
        self.name = self.head.text
        self.kind = kind
        self.weight = _number(statement, "weight", 0, -253, 253)


class VrrpScript(Tracker):
    """A check script. words: the words after `script`; only the first runs unless they are one quoted string."""

    __slots__ = ("fall", "interval", "rise", "script", "user", "words")

    def __init__(self, statement: Statement) -> None:
        super().__init__(statement, "script")
        self.script = _last(statement, "script")
        self.words = self.script.words[1:] if self.script else []
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
    before it. weight: of this use; 0 means that a failure is FAULT. reverse: success and failure swapped.
    kind: "script", "process", "file" or "interface".
    """

    __slots__ = ("kind", "name", "reverse", "statement", "tracker", "weight", "word")

    def __init__(self, statement: Statement, kind: str, tracker: Tracker | None) -> None:
        self.statement = statement
        self.word = statement.words[0]
        self.name = self.word.text
        self.kind = kind
        self.tracker = tracker
        written = _option(statement, "weight")
        number = _integer(written.text) if written else None
        default = tracker.weight.value if tracker else 0
        self.weight = default if number is None or not -253 <= number <= 253 else number
        words = [word.text for word in statement.words[1:]]
        self.reverse = "reverse" in words and "noreverse" not in words


class SyncGroup:
    """vrrp_sync_group: instances that change state together."""

    __slots__ = ("members", "name", "statement", "tracked")

    def __init__(self, statement: Statement, tracked: list[Tracked]) -> None:
        self.statement = statement
        self.name = statement.words[1].text if len(statement.words) > 1 else ""
        self.members = {
            word.text for group in statement.statements("group") for s in group.body or () for word in s.words
        }
        self.members |= {word.text for group in statement.statements("group") for word in group.words[1:]}
        self.tracked = tracked


class VrrpInstance:
    """One vrrp_instance; every Setting holds what keepalived uses.

    advert_int in seconds. auth_pass as sent: at most 8 bytes. vips: the addresses that the adverts carry, as a
    set of canonical addresses: what peers must have in common. complete: False where a value that the daemon
    needs could not be read (a placeholder), so that nothing should be concluded from it.
    """

    __slots__ = (
        "accept", "addresses", "advert_int", "auth_pass", "auth_type", "excluded", "family", "group", "head",
        "interface", "mcast_group", "mcast_src_ip", "name", "nopreempt", "nopreempt_written", "priority", "state",
        "statement", "strict", "tracked", "unicast_peers", "unicast_src_ip", "use_vmac", "version", "vrid",
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
    nopreempt_written: Statement | None
    strict: Setting[bool]
    accept: Setting[bool]
    use_vmac: Setting[bool]
    unicast_peers: list[Word]
    unicast_src_ip: Setting[str | None]
    mcast_src_ip: Setting[str | None]
    mcast_group: str
    addresses: list[VirtualAddress]
    excluded: list[VirtualAddress]
    family: int | None
    tracked: list[Tracked]
    group: SyncGroup | None

    @property
    def vips(self) -> frozenset[str]:
        return frozenset(a.address for a in self.addresses if a.address and not a.dropped and a.family == self.family)

    @property
    def all_vips(self) -> frozenset[str]:
        """The addresses that the holder sets: with those of virtual_ipaddress_excluded."""
        return self.vips | {a.address for a in self.excluded if a.address and not a.dropped}

    @property
    def unicast(self) -> bool:
        return bool(self.unicast_peers)

    @property
    def peers(self) -> frozenset[str]:
        """The unicast peers, canonical; a netmask behind one is tolerated, as keepalived does."""
        return frozenset(a for a in (address.canonical(word.text) for word in self.unicast_peers) if a)

    @property
    def authentication(self) -> tuple[str, bytes]:
        """What the adverts carry: VRRP version 3 and strict mode know no authentication."""
        if self.version.value == 3 or self.strict.value or not self.auth_type.value:
            return "", b""
        return self.auth_type.value, self.auth_pass.value

    @property
    def complete(self) -> bool:
        """Whether the addresses could all be read."""
        return all(a.address for a in self.addresses) and bool(self.addresses)

    @property
    def checks(self) -> list[Tracked]:
        """What is tracked and counts: keepalived ignores undefined trackers, and drops weighted scripts of an
        address owner and of a member of a sync group (measured)."""
        fixed = self.priority.value == OWNER_PRIORITY or self.group is not None
        return [
            t for t in self.tracked
            if (t.tracker is not None or t.kind == "interface") and not (fixed and t.weight and t.kind == "script")
        ]  # fmt: skip

    def join(self, group: SyncGroup) -> None:
        """Become a member of `group`: what it tracks counts for every member."""
        self.group = group
        self.tracked = self.tracked + group.tracked


def read_instance(model: Keepalived, statement: Statement) -> VrrpInstance:
    """The instance that the block `statement` of `model` defines."""
    it = VrrpInstance()
    it.statement = statement
    it.head = statement.words[1] if len(statement.words) > 1 else statement.words[0]
    it.name = it.head.text
    it.group = None
    it.addresses = [VirtualAddress(s) for s in _lines(statement, "virtual_ipaddress")]
    it.excluded = [VirtualAddress(s) for s in _lines(statement, "virtual_ipaddress_excluded")]
    it.unicast_peers = [s.words[0] for s in _lines(statement, "unicast_peer")]
    it.unicast_src_ip = _text(statement, "unicast_src_ip")
    it.mcast_src_ip = _text(statement, "mcast_src_ip")
    it.family = _family(statement, it)
    it.interface = _text(statement, "interface")
    default = model.global_text("default_interface")
    if it.interface.value is None and default.word is not None:
        it.interface = default
    it.vrid = _vrid(statement)
    it.state = _state(statement)
    master = it.state.value == "MASTER"
    it.priority = _priority(statement, master)
    it.version = _version(model, statement, it.family)
    it.strict = _flag(statement, "strict_mode", model.global_flag("vrrp_strict"))
    it.advert_int = _advert_int(statement, it.version.value)
    it.accept = _accept(statement, it)
    it.use_vmac = _flag(statement, "use_vmac", Setting(False, it.head), named=True)
    it.nopreempt_written = _last(statement, "nopreempt")
    it.nopreempt = _nopreempt(it, master)
    it.auth_type, it.auth_pass = _authentication(statement)
    it.mcast_group = _multicast_group(model, it.family)
    it.tracked = _tracked(model, statement)
    return it


def read_tracker(statement: Statement) -> Tracker | None:
    """The tracker that `statement` defines, or None where keepalived drops it: no name, or a script without `script`."""
    if len(statement.words) < 2:
        return None
    if statement.keyword == "vrrp_script":
        script = VrrpScript(statement)
        return script if script.words else None
    return Tracker(statement, "process" if statement.keyword == "vrrp_track_process" else "file")


def read_sync_group(model: Keepalived, statement: Statement) -> SyncGroup:
    return SyncGroup(statement, _tracked(model, statement))


def _tracked(model: Keepalived, block: Statement) -> list[Tracked]:
    found = []
    for kind in ("script", "process", "file"):
        for line in _lines(block, f"track_{kind}"):
            found.append(Tracked(line, kind, model.trackers.get((f"track_{kind}", line.words[0].text))))
    found += [Tracked(line, "interface", None) for line in _lines(block, "track_interface")]
    return found


def _family(statement: Statement, it: VrrpInstance) -> int | None:
    """Of the first address that keepalived meets; `native_ipv6` decides it."""
    if _last(statement, "native_ipv6") is not None:
        return 6
    texts = [a.word.text for a in it.addresses] + [w.text for w in it.unicast_peers]
    texts += [s.value for s in (it.unicast_src_ip, it.mcast_src_ip) if s.value]
    return next((f for f in map(address.family, texts) if f), None)


def _vrid(block: Statement) -> Setting[int | None]:
    found = _last(block, "virtual_router_id")
    word = found.argument() if found else None
    number = _integer(word.text) if word else None
    return Setting(number if number is not None and 1 <= number <= 255 else None, _head(block), word, found)


def _state(block: Statement) -> Setting[str]:
    found = _last(block, "state")
    word = found.argument() if found else None
    return Setting("MASTER" if word and word.text == "MASTER" else "BACKUP", _head(block), word, found)


def _priority(block: Statement, master: bool) -> Setting[int]:
    found = _last(block, "priority")
    word = found.argument() if found else None
    if word is None:
        return Setting(OWNER_PRIORITY if master else DEFAULT_PRIORITY, _head(block))
    number = _integer(word.text)
    return Setting(number if number and 1 <= number <= 255 else DEFAULT_PRIORITY, _head(block), word, found)


def _version(model: Keepalived, block: Statement, family: int | None) -> Setting[int]:
    found = _last(block, "version") or model.global_setting("vrrp_version")
    word = found.argument() if found else None
    number = _integer(word.text) if word else None
    if family == 6:
        return Setting(3, _head(block), word, found)
    return Setting(number if number in (2, 3) else 2, _head(block), word, found)


def _advert_int(block: Statement, version: int) -> Setting[float]:
    """In VRRP version 2 whole seconds: keepalived rounds, and not below one (measured)."""
    setting = _seconds(block, "advert_int", 1.0)
    if version == 2 and setting.value != int(setting.value):
        setting.value = max(1.0, float(int(setting.value + 0.5)))
    return setting


def _accept(block: Statement, it: VrrpInstance) -> Setting[bool]:
    """Whether the node takes packets to the VIP: not in strict mode, nor with no_accept, unless it owns it."""
    refused, wanted = _last(block, "no_accept"), _last(block, "accept")
    found = refused or wanted
    owner = it.priority.value == OWNER_PRIORITY
    value = owner or (not refused and (not it.strict.value or wanted is not None))
    return Setting(value, it.strict.at, found.words[0] if found else None, found)


def _nopreempt(it: VrrpInstance, master: bool) -> Setting[bool]:
    """keepalived clears nopreempt with `state MASTER` and for an address owner."""
    found = it.nopreempt_written
    value = found is not None and not master and it.priority.value != OWNER_PRIORITY
    return Setting(value, it.head, found.words[0] if found else None, found)


def _authentication(block: Statement) -> tuple[Setting[str], Setting[bytes]]:
    kind: Setting[str] = Setting("", _head(block))
    password: Setting[bytes] = Setting(b"", _head(block))
    for inner in block.statements("authentication"):
        for line in inner.statements("auth_type", "auth_pass"):
            word = line.argument()
            if word is None:
                continue
            if line.keyword == "auth_pass":
                data = word.text.encode("utf-8", "surrogateescape")[:AUTH_BYTES]
                password = Setting(data, inner.words[0], word, line)
            elif word.text in ("PASS", "AH"):
                kind = Setting(word.text, inner.words[0], word, line)
            else:
                kind = Setting("", inner.words[0], word, line)
    if not password.value:
        kind.value = ""
    return kind, password


def _multicast_group(model: Keepalived, family: int | None) -> str:
    keyword, default = ("vrrp_mcast_group6", "ff02::12") if family == 6 else ("vrrp_mcast_group4", "224.0.0.18")
    written = model.global_text(keyword).value
    return (address.canonical(written) if written else None) or default


def _head(block: Statement) -> Word:
    return block.words[1] if len(block.words) > 1 else block.words[0]


def _last(block: Statement, keyword: str) -> Statement | None:
    """keepalived lets the last one win."""
    found = None
    for statement in block.statements(keyword):
        found = statement
    return found


def _lines(block: Statement, keyword: str) -> list[Statement]:
    """The lines of every block `keyword`; keepalived adds the blocks up."""
    return [line for inner in block.statements(keyword) for line in inner.body or ()]


def _text(block: Statement, keyword: str) -> Setting[str | None]:
    found = _last(block, keyword)
    word = found.argument() if found else None
    return Setting(word.text if word else None, _head(block), word, found)


def _flag(block: Statement, keyword: str, default: Setting[bool], *, named: bool = False) -> Setting[bool]:
    """A switch: on without an argument; named: its argument is a name, not a truth value."""
    found = _last(block, keyword)
    if found is None:
        return default
    word = found.argument()
    value = named or word is None or word.text.lower() not in {"false", "off", "no", "0"}
    return Setting(value, _head(block), word or found.words[0], found)


def _number(block: Statement, keyword: str, default: int, low: int, high: int) -> Setting[int]:
    found = _last(block, keyword)
    word = found.argument() if found else None
    number = _integer(word.text) if word else None
    return Setting(number if number is not None and low <= number <= high else default, _head(block), word, found)


def _seconds(block: Statement, keyword: str, default: float) -> Setting[float]:
    found = _last(block, keyword)
    word = found.argument() if found else None
    number = _decimal(word.text) if word else None
    return Setting(default if number is None or number <= 0 else number, _head(block), word, found)


def _option(statement: Statement, name: str) -> Word | None:
    """The word behind the word `name` of a line."""
    words = statement.words
    for at in range(1, len(words) - 1):
        if words[at].text == name:
            return words[at + 1]
    return None


def _integer(text: str) -> int | None:
    sign, digits = (text[:1], text[1:]) if text[:1] in "+-" else ("", text)
    return int(sign + digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


def _decimal(text: str) -> float | None:
    whole, _, part = text.partition(".")
    digits = whole + part
    return float(text) if digits.isascii() and digits.isdigit() and len(digits) < 12 else None
