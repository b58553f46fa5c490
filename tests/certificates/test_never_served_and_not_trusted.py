"""Whatever happens to the operator and however late everybody is within bounds, what is served is trusted.

A simulation of what `plan` steers: an operator that looks, writes and is away; an API server that hears of a bundle up
to the overlap late, and a webhook that takes its certificate up to the farewell late. The model knows nothing of `plan`.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from kubeapprove.certificates import Held, Life, Step, life_from, plan

AUTHORITY = timedelta(hours=24)
SERVING = timedelta(hours=6)
START = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
OVERLAP = timedelta(minutes=10)
FAREWELL = timedelta(hours=2)
MINUTE = timedelta(minutes=1)


@dataclass
class World:
    """Authorities are numbers; a serving certificate is (authority, life)."""

    now: datetime = START
    lives: dict[int, Life] = field(default_factory=dict)
    current: int | None = None
    next: int | None = None
    previous: int | None = None
    serving: tuple[int, Life] | None = None
    registered: datetime | None = None
    bundles: list[tuple[datetime, frozenset[int]]] = field(default_factory=list)
    issued: list[tuple[datetime, tuple[int, Life]]] = field(default_factory=list)

    @property
    def bundle(self) -> frozenset[int]:
        return frozenset(one for one in (self.current, self.next, self.previous) if one is not None)

    def held(self) -> Held:
        current, following, previous = (
            None if one is None else self.lives[one] for one in (self.current, self.next, self.previous)
        )
        serving, fits = None, False
        if self.serving is not None:
            serving, fits = self.serving[1], self.serving[0] == self.current
        return Held(current, following, previous, serving, fits, self.registered)

    def make(self) -> int:
        self.lives[len(self.lives)] = life_from(self.now, AUTHORITY)
        return len(self.lives) - 1

    def take(self, step: Step) -> None:
        match step:
            case Step.MAKE_AUTHORITY:
                self.current, self.next, self.previous = self.make(), None, None
            case Step.MAKE_NEXT:
                self.next, self.registered = self.make(), None
            case Step.PROMOTE:
                self.current, self.next, self.previous, self.registered = self.next, None, self.current, None
            case Step.ISSUE:
                assert self.current is not None
                life, whole = life_from(self.now, SERVING), self.lives[self.current]
                self.serving = (self.current, Life(life.begins, min(life.ends, whole.ends)))
                self.issued.append((self.now, self.serving))
            case Step.FORGET_PREVIOUS:
                self.previous = None

    def look(self, steps: int) -> None:
        """The operator looks, and may be killed after some steps; what it wrote is registered."""
        for _ in range(steps):
            step = plan(self.held(), self.now)
            if step is Step.NOTHING:
                break
            self.take(step)
        self.bundles.append((self.now, self.bundle))
        if self.next is not None and self.registered is None:
            self.registered = self.now

    def trusted(self) -> frozenset[int]:
        """What an API server trusts for sure: whatever every bundle within the overlap held."""
        known = [bundle for at, bundle in self.bundles if at > self.now - OVERLAP]
        older = [bundle for at, bundle in self.bundles if at <= self.now - OVERLAP]
        return frozenset.intersection(*(known + older[-1:]))

    def served(self) -> list[tuple[int, Life]]:
        """Whatever a webhook may still serve: the newest, and what it may not have let go of yet."""
        newest = len(self.issued) - 1
        return [
            pair
            for index, (_, pair) in enumerate(self.issued)
            if index == newest or self.issued[index + 1][0] > self.now - FAREWELL
        ]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 90), st.integers(0, 3)), min_size=20, max_size=120))
def test_what_is_served_is_trusted_while_the_operator_comes_back_in_time(looks: list[tuple[int, int]]) -> None:
    world = World()
    world.look(9)
    world.now += OVERLAP
    for minutes, steps in looks:
        world.now += minutes * MINUTE
        world.look(steps)
        trusted = world.trusted()
        for authority, life in world.served():
            if life.ends > world.now:  # who did not take the new one before the old one ended is late by hours
                assert authority in trusted, (world.now, authority, trusted)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=40, max_size=160))
def test_nothing_ends_while_the_operator_looks(pauses: list[int]) -> None:
    world = World()
    for minutes in pauses:
        world.look(9)
        assert world.current is not None
        assert world.serving is not None
        assert world.lives[world.current].ends > world.now
        assert world.serving[1].ends > world.now
        assert plan(world.held(), world.now) is Step.NOTHING
        world.now += minutes * MINUTE


def test_every_authority_gives_way_to_the_next_one() -> None:
    world = World()
    seen = set()
    for _ in range(24 * 60 * 3 // 30):
        world.look(9)
        assert world.serving is not None
        seen.add(world.serving[0])
        world.now += 30 * MINUTE
    assert len(seen) >= 4
    assert len(world.bundle) <= 3
