"""keepalived.conf as keepalived 2.2 takes it: VRRP instances, their checks and groups, with effective values.

Sources: keepalived.conf(5); keepalived v2.2.7 keepalived/vrrp/vrrp.c, vrrp_parser.c; what is measured stands
in the pages of the rules that read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from halint.models.keepalived.preprocess import Undefined, preprocess
from halint.models.keepalived.tracking import SyncGroup, Tracked, Tracker, VrrpScript, read_sync_group, read_tracker
from halint.models.keepalived.vrrp import VrrpInstance, read_instance
from halint.models.setting import Setting
from halint.tree import Statement, SyntaxProblem, Word
from halint.versions import Lifetime, known

if TYPE_CHECKING:
    from halint.models.keepalived.language.complaint import Complaint
    from halint.models.keepalived.virtual_server import ServerFault
    from halint.node import Node
    from halint.source import Source
    from halint.versions import Version

MAIN = "/etc/keepalived/keepalived.conf"

#: The definitions of keepalived's own that came after the version of which they are known.
_LATER: Lifetime = ((2, 2, 7), None, None, None)

#: Definition blocks of what an instance can track, with the block of the instance that names it.
TRACKERS = {
    "vrrp_script": "track_script",
    "vrrp_track_process": "track_process",
    "vrrp_track_file": "track_file",
    "track_file": "track_file",
}


class Keepalived:
    """What keepalived makes of a node's files.

    sources: every file read, includes too. statements: those that remain after preprocessing.
    instances: in order. skipped: of two instances, or two sync groups, with one name keepalived skips the second
    (measured): both blocks, the second first. trackers: what can be tracked, by the block that tracks it
    ("track_script") and name.
    balanced: the addresses that the virtual_servers balance, as written.
    version: the target's, or None. problems: syntax problems of all sources.
    missing_includes: include statements without a file in the input. undefined: the uses of what no line defines.
    malformed: sequences (`~SEQ`, `~LST`) that are none.
    """

    __slots__ = (
        "_complaints",
        "_problem_ends",
        "_server_faults",
        "balanced",
        "global_defs",
        "instances",
        "malformed",
        "missing_includes",
        "problems",
        "skipped",
        "source",
        "sources",
        "statements",
        "sync_groups",
        "trackers",
        "undefined",
        "version",
        "virtual_servers",
    )

    def __init__(self, source: Source) -> None:
        self.source = source
        self.version: Version | None = None
        self._complaints: list[Complaint] | None = None
        self._problem_ends: dict[Source, list[int]] = {}
        self._server_faults: list[ServerFault] | None = None
        self.sources: list[Source] = []
        self.statements: list[Statement] = []
        self.problems: list[SyntaxProblem] = []
        self.missing_includes: list[Statement] = []
        self.malformed: list[Statement] = []
        self.undefined: list[Undefined] = []
        self.global_defs: list[Statement] = []
        self.instances: list[VrrpInstance] = []
        self.sync_groups: list[SyncGroup] = []
        self.skipped: list[tuple[Statement, Statement]] = []
        self.virtual_servers: list[Statement] = []
        self.trackers: dict[tuple[str, str], Tracker] = {}
        self.balanced: set[str] = set()

    @property
    def complaints(self) -> list[Complaint]:
        """What keepalived does not take of the file, in order: see halint/models/keepalived/language/."""
        if self._complaints is None:
            from halint.models.keepalived.language import reading

            self._complaints = reading.read(self.statements, self.version, self.missing_includes)
        return self._complaints

    def inner(self, *keywords: str) -> list[Statement]:
        """The statements with one of `keywords` in all blocks, however deep."""
        # Nearly no block holds one; a keyword that begins with another of them stands nowhere without that.
        beginnings = [word for word in keywords if not any(word != k and word.startswith(k) for k in keywords)]
        found: list[Statement] = []
        blocks = self.statements.copy()
        while blocks:
            block = blocks.pop()
            text = block.plain_body
            if text is None or any(beginning in text for beginning in beginnings):
                body = block.body or []
                found += [statement for statement in body if statement.keyword in keywords]
                blocks += [statement for statement in body if statement.body_start >= 0]
        return found

    def problem_ends(self, source: Source) -> list[int]:
        """Where the syntax problems of `source` end, in order; a } that closes no block is one."""
        if source not in self._problem_ends:
            self._problem_ends[source] = sorted(problem.end for problem in self.problems if problem.source is source)
        return self._problem_ends[source]

    @property
    def server_faults(self) -> list[ServerFault]:
        """What keepalived does not take of its virtual servers: see halint/models/keepalived/virtual_server.py."""
        if self._server_faults is None:
            self._server_faults = []
            if self.virtual_servers:
                from halint.models.keepalived import virtual_server

                self._server_faults = virtual_server.faults(self.statements, self.missing_includes)
        return self._server_faults

    @property
    def scripts(self) -> list[VrrpScript]:
        return [tracker for tracker in self.trackers.values() if isinstance(tracker, VrrpScript)]

    @property
    def tracked_scripts(self) -> list[VrrpScript]:
        """Those that some instance or sync group tracks; of the others keepalived runs none."""
        tracked = {id(t.tracker) for group in self.sync_groups for t in group.tracked}
        tracked |= {id(t.tracker) for instance in self.instances for t in instance.tracked}
        return [script for script in self.scripts if id(script) in tracked]

    def account(self, script: VrrpScript) -> Setting[str | None]:
        """The account that `script` runs under, as far as one is named: its own `user`, else `script_user`."""
        return script.user if script.user.value else self.global_text("script_user")

    def global_setting(self, keyword: str) -> Statement | None:
        """The last statement `keyword` of global_defs: a later one wins."""
        found = None
        for block in self.global_defs:
            for statement in block.statements(keyword):
                found = statement
        return found

    def global_flag(self, keyword: str) -> Setting[bool]:
        """Whether `keyword`, with no argument or a true one, stands in global_defs."""
        statement = self.global_setting(keyword)
        if statement is None:
            return Setting(False, self.anchor)
        word = statement.argument()
        value = word is None or word.text.lower() not in {"false", "off", "no", "0"}
        return Setting(value, self.anchor, word or statement.words[0], statement)

    def global_text(self, keyword: str) -> Setting[str | None]:
        """The first argument of `keyword` in global_defs."""
        statement = self.global_setting(keyword)
        word = statement.argument() if statement else None
        return Setting(word.text if word else None, self.anchor, word, statement)

    @property
    def anchor(self) -> Word:
        """What a missing global setting is reported at: the first word of the file."""
        if self.statements:
            return self.statements[0].words[0]
        return Word(self.source, 0, 0)


def read(node: Node) -> Keepalived | None:
    """The model of `node`, or None where it has no keepalived.conf."""
    main = node.files.get(MAIN)
    if main is None:
        return None
    names = {node.name, node.name.partition(".")[0]}
    if (hostname := node.files.get("/etc/hostname")) is not None:
        names |= {hostname.line(1), hostname.line(1).partition(".")[0]}
    done = preprocess(main, MAIN, files=node.files, read=node.tree, is_this_node=names.__contains__)
    model = Keepalived(main)
    model.version = node.targets.keepalived
    model.sources, model.statements = done.sources, done.statements
    model.problems, model.missing_includes = done.problems, done.missing
    model.malformed = done.malformed
    if not done.missing and not (done.foreign and hostname is None):
        model.undefined = [use for use in done.undefined if not _may_know(model.version, use)]
    for statement in done.statements:
        _take(model, statement)
    by_name: dict[str, VrrpInstance] = {}
    for instance in model.instances:
        if by_name.setdefault(instance.name, instance) is not instance:
            model.skipped.append((instance.statement, by_name[instance.name].statement))
        instance.partial = (done.foreign and hostname is None) or any(
            _within(include, instance.statement) for include in done.missing
        )
    model.instances = list(by_name.values())
    groups: dict[str, SyncGroup] = {}
    for group in model.sync_groups:
        if groups.setdefault(group.name, group) is not group:
            model.skipped.append((group.statement, groups[group.name].statement))
    model.sync_groups = list(groups.values())
    for group in model.sync_groups:
        for word in group.members:
            member = by_name.get(word.text)
            if member is not None and member.group is None:  # of two groups that name it the first counts (measured)
                member.join(group)
    return model


def _may_know(version: Version | None, use: Undefined) -> bool:
    """Whether keepalived may bring that definition along: later versions have more of them."""
    return use.standard and (use.known or known(_LATER, version) is not False)


def _within(inner: Statement, outer: Statement) -> bool:
    return inner.source is outer.source and outer.start <= inner.start < outer.end


def _take(model: Keepalived, statement: Statement) -> None:
    """Add what a top-level statement defines; what it refers to must be defined before it, as for keepalived."""
    keyword = statement.keyword
    if statement.body is None:
        return
    if keyword == "global_defs":
        model.global_defs.append(statement)
    elif keyword == "vrrp_instance":
        model.instances.append(read_instance(model, statement))
    elif keyword in TRACKERS:
        tracker = read_tracker(statement)
        if tracker is not None:
            model.trackers.setdefault((TRACKERS[keyword], tracker.name), tracker)
    elif keyword == "vrrp_sync_group":
        model.sync_groups.append(read_sync_group(model, statement))
    elif keyword == "virtual_server":
        model.virtual_servers.append(statement)
        model.balanced |= {word.text for word in statement.arguments[:1]}


__all__ = ["Keepalived", "SyncGroup", "Tracked", "Tracker", "VrrpInstance", "VrrpScript", "read"]
