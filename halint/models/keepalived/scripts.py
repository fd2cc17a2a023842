"""The programs that keepalived is told to run.

Source: keepalived.conf(5); keepalived v2.2.7 vrrp_parser.c, global_parser.c, check_misc.c.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from halint.tree import Statement, Word

if TYPE_CHECKING:
    from halint.models.keepalived import Keepalived

_GLOBAL = (
    "notify_fifo_script", "vrrp_notify_fifo_script", "lvs_notify_fifo_script", "startup_script", "shutdown_script",
)  # fmt: skip
_NOTIFY = (
    "notify", "notify_master", "notify_backup", "notify_fault", "notify_stop", "notify_deleted",
    "notify_master_rx_lower_pri",
)  # fmt: skip


def run_by(model: Keepalived) -> Iterator[Word]:
    """The first word of each, in the order of the kinds: checks, notifications, and those of global_defs. Not
    those of virtual servers, nor such as begin with `<`, which is none to keepalived."""
    for script in model.scripts:
        if script.words and not script.command.startswith("<"):
            yield script.words[0]
    yield from notified(model)
    yield from _arguments(model.global_defs, _GLOBAL)


def notified(model: Keepalived) -> Iterator[Word]:
    """The first word of what instances and sync groups run when their state changes."""
    blocks: list[Statement] = [instance.statement for instance in model.instances]
    blocks += [group.statement for group in model.sync_groups]
    yield from _arguments(blocks, _NOTIFY)


def _arguments(blocks: list[Statement], keywords: tuple[str, ...]) -> Iterator[Word]:
    for block in blocks:
        for statement in block.statements(*keywords):
            if len(statement.words) > 1:
                yield statement.words[1]
