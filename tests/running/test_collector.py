"""Garbage is collected between pieces of work: what kills Python 3.11 in the middle of one does no harm."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from threading import Event

import pytest

from bot.running.collector import Collector

IN_THE_MIDDLE = """
import gc, sys, weakref

class State:
    "Like SQLAlchemy's: it holds a weak reference, and is told when what that refers to is gone."

class Thing:
    pass

for number in range(30):  # as many names as instances share the keys of
    setattr(State(), f"name{number}", 1)

def lose_one():
    state, thing = State(), Thing()
    thing.itself = thing  # only the collector can free it
    def gone(_):
        state.another = None
    state.name1 = weakref.ref(thing, gone)
    del thing
    kept = [{} for _ in range(100)]  # so that the dict of `state` has to be allocated
    collector_may_run()
    state.another = None  # Python makes the dict; its own collector would run in the middle of that
    for number in range(40):
        setattr(state, f"later{number}", number)

gc.set_threshold(1, 1, 1)
if sys.argv[1] == "ours":
    from bot.running.collector import Collector
    collector_may_run = lambda: None
    collector = Collector()
    collector.start()
else:
    collector_may_run = gc.enable
for _ in range(300):
    if sys.argv[1] != "ours":
        gc.disable()
    lose_one()
if sys.argv[1] == "ours":
    collector.stop()
print("alive")
"""


def _run(collector: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", IN_THE_MIDDLE, collector], capture_output=True, text=True, timeout=60, check=False
    )


def test_with_our_collector_nothing_is_collected_in_the_middle_of_work():
    ended = _run("ours")
    assert (ended.returncode, ended.stdout) == (0, "alive\n"), ended.stderr


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python collects at safe points only")
def test_python_s_own_collector_dies_of_it():
    """Why there is one of ours at all; when this no longer fails, it can go."""
    assert _run("python's").returncode != 0


def test_what_refers_to_itself_is_freed_all_the_same():
    class Thing:
        itself: Thing

    freed = Event()
    collector = Collector()
    collector.start()
    try:
        thing = Thing()
        thing.itself = thing
        watched = weakref.ref(thing, lambda _: freed.set())
        del thing
        many = gc.get_threshold()[0] + 1000  # more than what is worth a look
        work = [[number] for number in range(many)]
        assert freed.wait(10), "nobody collected it"
        assert watched() is None
        assert len(work) == many
    finally:
        collector.stop()
    assert gc.isenabled()
