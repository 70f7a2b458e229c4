"""Turns and who gets them, without any process."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockade import PoolClosed, QueueFull, QueueTimeout
from stockade.admission import Admission, QueueRules


async def settle() -> None:
    """Lets every task that can go on do so."""
    for _ in range(10):
        await asyncio.sleep(0)


class Office:
    """An admission with runs that end when told to, and a list of who had a turn."""

    def __init__(self, turns: int = 1, **rules: object) -> None:
        self.admission = Admission(turns, QueueRules(**rules))  # type: ignore[arg-type]
        self.served: list[str] = []
        self.going: list[tuple[str, asyncio.Event]] = []

    async def come(self, name: str, tenant: str | None = None, priority: int = 0) -> None:
        with self.admission.ask(tenant, priority) as turn:
            await turn.come()
            done = asyncio.Event()
            self.served.append(name)
            self.going.append((name, done))
            await done.wait()

    def arrive(self, *visits: tuple[str, str | None, int]) -> list[asyncio.Task[None]]:
        return [asyncio.create_task(self.come(*visit)) for visit in visits]

    async def serve_all(self) -> list[str]:
        await settle()
        while self.going:
            self.going.pop(0)[1].set()
            await settle()
        return self.served


async def test_weights_are_those_that_were_looked_at():
    """A weight that became 0 afterwards took a turn for good, and with it the pool's close()."""
    weights = {"a": 1.0}
    office = Office(weights=weights)
    weights["a"] = 0.0
    office.arrive(("1", "a", 0), ("2", "a", 0))

    assert await office.serve_all() == ["1", "2"]
    assert office.admission.free == 1


async def test_turns_come_in_the_order_of_asking():
    office = Office()
    tasks = office.arrive(*((str(n), None, 0) for n in range(5)))

    assert await office.serve_all() == list("01234")
    await asyncio.gather(*tasks)
    assert (office.admission.free, office.admission.waiting) == (1, 0)


async def test_a_tenant_with_a_thousand_runs_does_not_hold_up_another():
    office = Office()
    office.arrive(*((f"a{n}", "a", 0) for n in range(1000)))
    await settle()
    office.arrive(("b", "b", 0))
    served = await office.serve_all()

    assert served.index("b") <= 2


async def test_turns_taken_alone_are_not_held_against_a_tenant():
    office = Office()
    for n in range(100):
        office.arrive((f"a{n}", "a", 0))
        await office.serve_all()
    office.served.clear()
    office.arrive(("first", "b", 0), *((f"b{n}", "b", 0) for n in range(50)), ("again", "a", 0))
    served = await office.serve_all()

    assert served.index("again") <= 2


async def test_whoever_asks_first_is_first_whatever_it_has_used_long_ago():
    """A share that was used up before the clock's is no credit, and none is that of a newcomer."""
    admission = Admission(2, QueueRules())
    going = admission.ask("going")
    for _ in range(5):
        admission.ask("busy").leave()
    now = admission.ask("busy")
    again, newcomer = admission.ask("going"), admission.ask("newcomer")
    now.leave()

    assert again.due and again.due.done()
    assert newcomer.due and not newcomer.due.done()
    going.leave()
    assert newcomer.due.done()


async def test_turns_follow_the_weights():
    office = Office(weights={"heavy": 3.0, "light": 1.0})
    office.arrive(("x", "z", 0))
    await settle()
    office.arrive(*((f"h{n}", "heavy", 0) for n in range(40)), *((f"l{n}", "light", 0) for n in range(40)))
    served = await office.serve_all()
    first = Counter(name[0] for name in served[1:41])

    assert 28 <= first["h"] <= 32


async def test_a_tenant_that_asks_for_one_run_after_another_has_its_share_and_no_more():
    """Between two of its runs it has nothing here; what it has used is not forgotten for that."""
    office = Office(weights={"light": 0.1})
    office.arrive(("x", "z", 0))
    await settle()
    office.arrive(*((f"h{n}", "heavy", 0) for n in range(100)))

    async def one_after_another() -> None:
        for n in range(100):
            await office.come(f"l{n}", "light")

    client = asyncio.create_task(one_after_another())
    served = await office.serve_all()
    await client

    assert Counter(name[0] for name in served[1:101])["l"] in (9, 10, 11)


async def test_of_tenants_that_are_gone_so_many_are_remembered_and_no_more(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("stockade.admission.MAX_REMEMBERED", 3)
    admission = Admission(2, QueueRules())
    kept = admission.ask("kept")
    for n in range(10):
        admission.ask(f"t{n}").leave()

    assert set(admission._used) == {"t7", "t8", "t9"}
    kept.leave()
    assert admission._used == {}  # nobody waited for what they used


async def test_a_more_urgent_run_comes_first_within_its_tenant():
    office = Office()
    office.arrive(("now", "a", 0))
    await settle()
    office.arrive(("low", "a", -1), ("normal", "a", 0), ("high", "a", 5))

    assert await office.serve_all() == ["now", "high", "normal", "low"]


async def test_no_tenant_runs_more_than_its_cap():
    office = Office(turns=3, max_running_per_tenant=1)
    office.arrive(("a1", "a", 0), ("a2", "a", 0), ("b1", "b", 0))
    await settle()

    assert office.served == ["a1", "b1"]
    assert await office.serve_all() == ["a1", "b1", "a2"]


async def test_a_free_turn_is_not_for_a_tenant_at_its_cap():
    admission = Admission(2, QueueRules(max_running_per_tenant=1))
    going, other, waiting = (admission.ask(name) for name in "aba")
    other.leave()
    assert waiting.due and not waiting.due.done()
    going.leave()
    assert waiting.due.done()


async def test_a_tenant_gets_each_turn_that_is_free_while_its_first_goes_on():
    admission = Admission(2, QueueRules())
    others = [admission.ask("a"), admission.ask("a")]
    waiting = [admission.ask("b"), admission.ask("b")]
    for turn in others:
        turn.leave()

    assert all(turn.due and turn.due.done() for turn in waiting)


async def test_whoever_has_just_been_cancelled_gets_no_turn_and_stands_in_nobodys_way():
    """Its task has not come round yet to leave."""
    admission = Admission(1, QueueRules())
    now, cancelled, after, last = (admission.ask("a") for _ in range(4))
    assert cancelled.due and after.due and last.due
    cancelled.due.cancel()
    now.leave()
    assert after.due.done()

    last.due.cancel()
    admission.close()
    for turn in (cancelled, after, last):
        turn.leave()
    assert (admission.free, admission.waiting, admission._tenants) == (1, 0, {})


async def test_a_full_queue_refuses_at_once_in_all_or_for_one_tenant():
    office = Office(max_waiting=2, max_waiting_per_tenant=1)
    tasks = office.arrive(("a1", "a", 0), ("a2", "a", 0), ("a3", "a", 0), ("b1", "b", 0), ("c1", "c", 0))
    await settle()

    of_tenant, of_pool = tasks[2].exception(), tasks[4].exception()
    assert isinstance(of_tenant, QueueFull)
    assert (of_tenant.waiting, of_tenant.max_waiting, of_tenant.tenant) == (1, 1, "a")
    assert isinstance(of_pool, QueueFull)
    assert (of_pool.waiting, of_pool.max_waiting, of_pool.tenant) == (2, 2, None)
    assert await office.serve_all() == ["a1", "b1", "a2"]


async def test_whoever_waits_too_long_is_told_and_leaves_no_trace():
    office = Office(queue_timeout_seconds=0.01)
    office.arrive(("busy", None, 0))
    await settle()
    with pytest.raises(QueueTimeout) as late:
        await office.come("late", "b")

    assert (late.value.queue_timeout_seconds, late.value.waiting) == (0.01, 0)
    assert await office.serve_all() == ["busy"]
    assert office.admission._tenants == {}


async def test_closing_turns_away_whoever_waits_and_whoever_comes():
    office = Office()
    first, second = office.arrive(("first", None, 0), ("second", "b", 0))
    await settle()
    office.admission.close()

    with pytest.raises(PoolClosed):
        await second
    with pytest.raises(PoolClosed):
        await office.come("third")
    assert await office.serve_all() == ["first"]
    await first
    await office.admission.all_free()


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("come"), st.sampled_from("abc"), st.integers(-1, 1)),
        st.tuples(st.just("leave"), st.integers(0, 9), st.just(0)),
        st.tuples(st.just("cancel"), st.integers(0, 30), st.just(0)),
    ),
    max_size=40,
)


@settings(deadline=None)
@given(STEPS, st.integers(1, 3))
def test_whatever_happens_no_turn_is_lost_or_made(steps: list[tuple[str, object, int]], turns: int):
    async def play() -> None:
        office = Office(turns=turns, max_running_per_tenant=2, max_waiting=8)
        tasks: list[asyncio.Task[None]] = []
        for kind, what, priority in steps:
            if kind == "come":
                tasks += office.arrive((f"{len(tasks)}", str(what), priority))
            elif kind == "leave" and office.going:
                office.going.pop(int(str(what)) % len(office.going))[1].set()
            elif kind == "cancel" and tasks:
                tasks[int(str(what)) % len(tasks)].cancel()
            if kind != "cancel":
                await asyncio.sleep(0)
            held = office.admission.turns - office.admission.free
            assert 0 <= held <= turns
            known = {*office.admission._tenants, *office.admission._used}
            assert office.admission._weight == len(known)
        await office.serve_all()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert (office.admission.free, office.admission.waiting, office.admission._tenants) == (turns, 0, {})

    asyncio.run(play())


@pytest.mark.parametrize(
    "rules",
    [
        {"max_waiting": -1},
        {"max_waiting_per_tenant": -1},
        {"max_running_per_tenant": 0},
        {"queue_timeout_seconds": 0},
        {"weights": {"a": 0}},
        {"weights": {"a": 1e-17}},  # one turn of it, and the clock would have no digits left for the others
        {"weights": {"a": 1e6}},
    ],
)
def test_a_rule_out_of_range_is_refused(rules: dict[str, object]):
    with pytest.raises(ValueError, match=next(iter(rules))):
        QueueRules(**rules)  # type: ignore[arg-type]


class Counted(int):
    """A priority that counts how often it is compared with another."""

    compared = 0

    def __neg__(self) -> Counted:
        return Counted(-int(self))

    def __lt__(self, other: int) -> bool:
        Counted.compared += 1
        return int(self) < int(other)


async def test_runs_that_leave_the_queue_cost_the_same_however_many_wait(monkeypatch):
    """By counting comparisons, not by the clock: the heap was made anew for each run that was cancelled."""
    monkeypatch.setattr(Counted, "compared", 0)
    admission = Admission(1, QueueRules())
    now = admission.ask("a")
    turns = [admission.ask("a", Counted(n % 7)) for n in range(10_000)]
    after_asking = Counted.compared
    for turn in turns:
        turn.leave()
    now.leave()

    assert Counted.compared - after_asking < 20 * len(turns)
    assert (admission.free, admission.waiting, admission._tenants) == (1, 0, {})


async def test_when_most_of_a_queue_has_left_the_most_urgent_is_still_first():
    admission = Admission(1, QueueRules())
    now = admission.ask("a")
    turns = {n: admission.ask("a", (n * 37) % 101) for n in range(101)}
    stay = [n for n in turns if (n * 37) % 101 < 33]
    for n in turns.keys() - stay:
        turns[n].leave()
    served: list[int] = []
    now.leave()
    while len(served) < len(stay):
        (n,) = (n for n in stay if n not in served and (due := turns[n].due) and due.done())
        served.append(n)
        turns[n].leave()

    assert served == sorted(stay, key=lambda n: -((n * 37) % 101))


async def test_tenants_that_come_and_go_leave_nothing_in_the_line():
    admission = Admission(1, QueueRules())
    admission.ask(None)
    for n in range(1_000):
        admission.ask(f"tenant {n}").leave()

    assert len(admission._line) < 100
    assert len(admission._tenants) == 1


async def test_those_who_wait_keep_their_places_while_others_come_and_go():
    admission = Admission(3, QueueRules(weights={"a": 0.5}))
    now, light, _ = (admission.ask(name) for name in "nab")
    second = admission.ask("a")  # has used twice what "b" has
    first_to_go = admission.ask("c")
    first = admission.ask("b")
    first_to_go.leave()
    for n in range(100):
        admission.ask(f"tenant {n}").leave()
    assert first.due and second.due

    now.leave()
    assert (first.due.done(), second.due.done()) == (True, False)
    light.leave()
    assert second.due.done()


async def test_a_run_that_had_a_place_before_is_not_refused_for_want_of_room():
    admission = Admission(1, QueueRules(max_waiting=0))
    now = admission.ask("a")
    with pytest.raises(QueueFull) as full:
        admission.ask("b")
    assert (full.value.waiting, full.value.running) == (0, 1)
    again = admission.ask("b", again=True)
    now.leave()

    with again:
        await again.come()
        assert admission.by_tenant() == [("b", 0, 1)]


async def test_to_look_whether_there_is_room_says_what_asking_would_and_counts_as_no_refusal():
    admission = Admission(1, QueueRules(max_waiting=2, max_waiting_per_tenant=1))
    looked: list[bool] = []
    for name in ("a", "a", "a", "b", "c"):
        looked.append(admission.has_room(name))
        if looked[-1]:
            admission.ask(name)
    assert looked == [True, True, False, True, False]
    assert admission.refused == 0
    assert Admission(1, QueueRules(max_waiting=0)).has_room("a")  # it would not have to wait
    for name in ("a", "c"):
        with pytest.raises(QueueFull):
            admission.ask(name)
    assert len(admission._tenants) == 2
