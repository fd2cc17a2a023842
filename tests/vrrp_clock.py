"""VRRP by the clock: every advert and every timer of every node, as the protocol and keepalived 2.2 have them.

A second reading of the election, without a thought of steady states: nodes start, send, hear and time out one after
the other, until nothing changes any more. All adverts go out at whole seconds: where several masters were there
before, chance would also have it in which order their listeners time out, and the election does not follow that.
Sources: RFC 5798, 6.4; keepalived v2.2.7 keepalived/vrrp/vrrp.c
(vrrp_state_backup, vrrp_state_master_rx, vrrp_state_leave_master), vrrp_sync.c.
"""

from __future__ import annotations

from dataclasses import dataclass, field

INTERVAL = 1.0
#: Long enough for everything that happens to have happened.
QUIET = 12.0
HORIZON = 60.0


@dataclass
class Router:
    """One instance on one node. late: how much later than it should its timer goes off."""

    priority: int
    address: int
    hears: set[int]
    nopreempt: bool = False
    group: int | None = None
    late: float = 0.0
    #: Set by the run.
    state: str = "off"
    wants: bool = False
    expires: float = float("inf")
    sends: float = float("inf")

    def down_timer(self) -> float:
        return 3 * INTERVAL + self.skew()

    def skew(self) -> float:
        return (256 - self.priority) / 256 * INTERVAL + self.late


@dataclass
class Clock:
    routers: list[Router]
    now: float = 0.0
    changed: float = 0.0
    deaf: set[int] = field(default_factory=set)
    mute: set[int] = field(default_factory=set)

    def group_of(self, number: int) -> list[int]:
        group = self.routers[number].group
        return [number] if group is None else [n for n, r in enumerate(self.routers) if r.group == group]

    @property
    def masters(self) -> frozenset[int]:
        return frozenset(number for number, router in enumerate(self.routers) if router.state == "master")

    def start(self, number: int) -> None:
        for member in self.group_of(number):
            router = self.routers[member]
            router.state, router.wants = "backup", False
            router.expires = self.now + router.down_timer()

    def set_priority(self, number: int, priority: int) -> None:
        """keepalived moves the timer that runs by as much as the skew changes (vrrp_set_effective_priority)."""
        router = self.routers[number]
        before = router.skew()
        router.priority = priority
        router.expires += router.skew() - before

    def stop(self, number: int, graceful: bool) -> None:
        """The node of `number` leaves, with its group: with a farewell of priority 0, or without a word."""
        for member in self.group_of(number):
            router = self.routers[member]
            was_master = router.state == "master"
            router.state, router.wants = "off", False
            router.expires = router.sends = float("inf")
            if was_master:
                self.changed = self.now
                if graceful:
                    self.send(member, 0)

    def run(self) -> bool:
        """Until nothing changes any more; False where it never comes to rest."""
        end = self.now + HORIZON
        self.changed = self.now
        while self.now < end and self.now < self.changed + QUIET:
            self.next(end)
        rested = self.now >= self.changed + QUIET
        while self.next((self.now // INTERVAL + 0.5) * INTERVAL):
            pass  # up to between two adverts
        return rested

    def next(self, until: float) -> bool:
        """The next thing that happens; False, and the time is `until`, where nothing does before."""
        number, router = min(enumerate(self.routers), key=lambda one: (min(one[1].expires, one[1].sends), one[0]))
        if min(router.expires, router.sends) > until:
            self.now = max(self.now, until)
            return False
        self.now = min(router.expires, router.sends)
        if router.state == "master":
            router.sends = self.now + INTERVAL
            self.send(number, router.priority)
        else:
            self.time_out(number)
        return True

    def time_out(self, number: int) -> None:
        router = self.routers[number]
        router.wants = True
        router.expires = self.now + router.down_timer()
        group = self.group_of(number)
        if all(self.routers[member].wants for member in group):
            for member in group:
                if self.routers[member].state == "backup":
                    self.become_master(member)

    def become_master(self, number: int) -> None:
        router = self.routers[number]
        router.state, router.expires, router.sends = "master", float("inf"), (self.now // INTERVAL + 1) * INTERVAL
        self.changed = self.now
        self.send(number, router.priority)

    def become_backup(self, number: int) -> None:
        self.changed = self.now
        for member in self.group_of(number):
            router = self.routers[member]
            router.state, router.wants, router.sends = "backup", False, float("inf")
            router.expires = self.now + router.down_timer()

    def send(self, number: int, priority: int) -> None:
        if number in self.mute:
            return
        for other, router in enumerate(self.routers):
            if other != number and number in router.hears and other not in self.deaf:
                self.receive(other, number, priority)

    def receive(self, number: int, sender: int, priority: int) -> None:
        router = self.routers[number]
        if router.state == "backup":
            if priority == 0:
                router.expires = self.now + router.skew()
            elif router.nopreempt or priority >= router.priority:
                router.expires, router.wants = self.now + router.down_timer(), False
        elif router.state == "master" and priority:
            theirs, mine = (priority, self.routers[sender].address), (router.priority, router.address)
            if theirs > mine:
                self.become_backup(number)
