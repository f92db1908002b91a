"""An account's line of time: who looks after it from when until when; owner of record, interim cover, or nobody.

Pure: a line goes in, a line comes out. Every change paints over a stretch of time and leaves the rest as it was, so a
line has neither gaps nor overlaps, and no end: when a cover ends, what comes after it stands there already (D18, D21).
Days are those of the manager's calendar; `until_on` is the first day on which it is over.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from bot.domain.accounts import CoverageKind
from bot.domain.refusals import Refusal

FURTHEST = timedelta(days=2 * 366)
"""A cover that ends later is none, but a new owner."""


class EndsBeforeItBegins(Refusal):
    sentence = "The cover would end before it begins. Choose a later last day."


class CoverIsOver(Refusal):
    sentence = "That day is past. Choose today or a later one."


class TooLongACover(Refusal):
    sentence = "That is too far off for a cover. Choose a day within two years, or make them the owner."


class CoversThemselves(Refusal):
    sentence = "They own the account then, and nobody covers for themselves. Choose somebody else."


class NoSuchCover(Refusal):
    sentence = "That cover is not there any more: it was changed or has ended."


@dataclass(frozen=True)
class Stretch:
    """One piece of a line. `id` is the number of its row, which it keeps as long as it begins where it began."""

    kind: CoverageKind
    from_on: date
    until_on: date | None = None
    person_id: int | None = None
    handoff_id: int | None = None
    by_id: int | None = None
    confirmed: bool = True
    id: int | None = None

    @property
    def looked_after(self) -> bool:
        """Whether somebody has the account: an offer that nobody has confirmed is no cover yet."""
        return self.kind is not CoverageKind.VACANT and self.confirmed

    @property
    def offered(self) -> bool:
        """Whether it is a cover that somebody offers and a manager has still to confirm."""
        return self.kind is CoverageKind.COVER and not self.confirmed

    def on(self, day: date) -> bool:
        """Whether that day lies in it."""
        return self.from_on <= day and (self.until_on is None or day < self.until_on)

    def days_until(self, day: date, since: date) -> int:
        """How many of the days from `since` to `day`, both included, lie in it."""
        last = day if self.until_on is None else min(day, self.until_on - timedelta(days=1))
        return max((last - max(self.from_on, since)).days + 1, 0)


Line = tuple[Stretch, ...]


def vacant(from_on: date, until_on: date | None = None, handoff_id: int | None = None) -> Stretch:
    return Stretch(CoverageKind.VACANT, from_on, until_on, handoff_id=handoff_id)


def is_whole(line: Sequence[Stretch]) -> bool:
    """Whether each stretch begins where the one before ended, all have a length, and only the last is open-ended."""
    if not line:
        return True
    joined = all(one.until_on == other.from_on for one, other in pairwise(line))
    sound = all(
        (one.until_on is None or one.from_on < one.until_on)
        and (one.kind is CoverageKind.VACANT) == (one.person_id is None)
        and (one.kind is not CoverageKind.COVER or one.until_on is not None)
        for one in line
    )
    return joined and sound and line[-1].until_on is None


def painted(line: Line, new: Stretch) -> Line:
    """The line with `new` over whatever was there; where it would leave a gap, the account is vacant."""
    before = [piece for one in line if (piece := _until(one, new.from_on)) is not None]
    after = [] if new.until_on is None else [p for one in line if (p := _since(one, new.until_on)) is not None]
    if before and before[-1].until_on is not None and before[-1].until_on < new.from_on:
        before.append(vacant(before[-1].until_on, new.from_on, new.handoff_id))
    if new.until_on is not None and (not after or after[0].from_on > new.until_on):
        after.insert(0, vacant(new.until_on, after[0].from_on if after else None, new.handoff_id))
    return _joined([*before, new, *after])


def taken_over(line: Line, person_id: int, on: date, handoff_id: int | None = None, by_id: int | None = None) -> Line:
    """From `on` the account is that person's; whatever was planned for later is off."""
    return painted(line, Stretch(CoverageKind.OWNER, on, None, person_id, handoff_id, by_id))


def covered(line: Line, cover: Stretch, today: date, *, comes_back: bool) -> Line:
    """With this cover on it. After it the owner of before has the account again if `comes_back`, else nobody.

    Raises EndsBeforeItBegins, CoverIsOver, TooLongACover, CoversThemselves.
    """
    end = cover.until_on
    if end is None or end <= cover.from_on:
        raise EndsBeforeItBegins()
    if cover.from_on < today or end <= today:
        raise CoverIsOver()
    if end > today + FURTHEST:
        raise TooLongACover()
    if any(_owns(one, cover.person_id) and _overlap(one, cover) for one in line):
        raise CoversThemselves()
    new = painted(line, cover)
    return new if comes_back else _each_from(new, end, lambda one: one.kind is CoverageKind.OWNER, cover.handoff_id)


def without(line: Line, person_id: int, on: date) -> Line:
    """From `on` that person looks after nothing any more; whom they leave alone is vacant."""
    return _each_from(line, on, lambda one: one.person_id == person_id)


def vacated(line: Line, on: date) -> Line:
    """From `on` nobody owns it; covers stay."""
    return _each_from(line, on, lambda one: one.kind is CoverageKind.OWNER)


def ended(line: Line, cover: Stretch, until_on: date, today: date) -> Line:
    """The cover ends on another day: later (`until_on` after its end), or earlier, when what follows it begins sooner.

    Raises NoSuchCover, EndsBeforeItBegins, CoverIsOver, TooLongACover.
    """
    here = find(line, cover.person_id, cover.from_on)
    if until_on > (here.until_on or until_on):
        if until_on > today + FURTHEST:
            raise TooLongACover()
        return painted(line, replace(here, until_on=until_on))
    if until_on < today:
        raise CoverIsOver()
    if until_on < here.from_on:
        raise EndsBeforeItBegins()
    nobody = vacant(until_on, None, here.handoff_id)
    following = next((one for one in line if one.from_on == here.until_on), nobody)
    sooner = replace(following, from_on=until_on, until_on=here.until_on, id=None)
    if sooner.kind is CoverageKind.COVER:  # a cover of somebody else begins when it was to begin
        sooner = vacant(until_on, here.until_on, here.handoff_id)
    return painted(line, sooner) if until_on != here.until_on else line


def confirmed(line: Line, person_id: int, by_id: int) -> Line:
    """The cover that this person offers holds. Raises NoSuchCover when they offer none (any more)."""
    offer = next((one for one in line if one.offered and one.person_id == person_id), None)
    if offer is None:
        raise NoSuchCover()
    return tuple(replace(one, confirmed=True, by_id=by_id) if one is offer else one for one in line)


def find(line: Line, person_id: int | None, from_on: date | None = None) -> Stretch:
    """The latest cover by this person (that begins then). Raises NoSuchCover."""
    for one in reversed(line):
        if one.kind is CoverageKind.COVER and one.person_id == person_id and from_on in (None, one.from_on):
            return one
    raise NoSuchCover()


def as_known(line: Line, hidden: Container[int]) -> Line:
    """The line as it stands for somebody who may not know of these handoffs: as if they had put nothing there.

    Whoever had the account before has it on; what began with a hidden piece begins with what comes after it.
    """
    known: list[Stretch] = []
    for one in line:
        if one.handoff_id not in hidden:
            known.append(one)
        elif known and known[-1].kind is CoverageKind.COVER:  # a cover ends on its day, and nobody is known after it
            known.append(vacant(one.from_on, one.until_on))
        elif known:
            known[-1] = replace(known[-1], until_on=one.until_on)
    return _joined(known)


def at(line: Line, day: date) -> Stretch | None:
    """What the line says for a day; None before it begins."""
    return next((one for one in line if one.on(day)), None)


def is_owner_from(line: Line, person_id: int | None, today: date) -> bool:
    """Whether that person owns the account today, or does again after a cover of today."""
    now = at(line, today)
    covered_now = now is not None and now.kind is CoverageKind.COVER
    after = at(line, now.until_on) if covered_now and now is not None and now.until_on is not None else None
    return any(one is not None and _owns(one, person_id) for one in (now, after))


def owner_of_record(line: Line, day: date) -> Stretch | None:
    """The latest owner up to that day, also while somebody covers or nobody has it."""
    return next((one for one in reversed(line) if one.kind is CoverageKind.OWNER and one.from_on <= day), None)


def cover_from(line: Line, today: date) -> Stretch | None:
    """The confirmed cover of today, else the next one that is planned."""
    covers = (one for one in line if one.kind is CoverageKind.COVER and one.confirmed)
    return next((one for one in covers if one.until_on is not None and one.until_on > today), None)


def offer_from(line: Line, today: date) -> Stretch | None:
    """The offer to cover that waits for a manager."""
    return next((one for one in line if one.offered and one.until_on is not None and one.until_on > today), None)


def days_vacant(line: Line, since: date, today: date) -> int:
    """On how many days from `since` to today, both included, nobody looked after the account."""
    return sum(one.days_until(today, since) for one in line if not one.looked_after and one.from_on <= today)


def vacant_since(line: Line, today: date) -> date | None:
    """The first day of the vacancy in which today lies; None while somebody has the account."""
    since = None
    for one in line:
        if one.from_on > today:
            break
        since = None if one.looked_after else since or one.from_on
    return since


def needs_cover_from(line: Line, today: date, last_day: date | None) -> date | None:
    """The first day from today on for which nobody is named, given that the owner of today stays until `last_day`.

    Not the day after a cover that is named and not over: what comes then is asked before it ends.
    """
    plan = vacated(line, max(last_day + timedelta(days=1), today)) if last_day is not None else line
    covered_until = {one.until_on for one in plan if one.kind is CoverageKind.COVER and one.confirmed}
    for one in plan:
        ahead = one.until_on is None or one.until_on > today
        if ahead and not one.looked_after and (one.from_on <= today or one.from_on not in covered_until):
            return max(one.from_on, today)
    return None


def _until(one: Stretch, day: date) -> Stretch | None:
    """What of it lies before that day."""
    if one.from_on >= day:
        return None
    return one if one.until_on is not None and one.until_on <= day else replace(one, until_on=day)


def _since(one: Stretch, day: date) -> Stretch | None:
    """What of it lies on that day or after."""
    if one.until_on is not None and one.until_on <= day:
        return None
    return one if one.from_on >= day else replace(one, from_on=day, id=None)


def _each_from(line: Line, day: date, wanted: Callable[[Stretch], bool], handoff_id: int | None = None) -> Line:
    """Such stretches end at that day; nobody comes after them, through that handoff (else the one they are from)."""
    new = line
    for one in line:
        rest = _since(one, day) if wanted(one) else None
        if rest is not None:
            new = painted(new, vacant(rest.from_on, rest.until_on, handoff_id or rest.handoff_id))
    return new


def _joined(pieces: Iterable[Stretch]) -> Line:
    """Neighbours that say the same are one."""
    line: list[Stretch] = []
    for one in pieces:
        last = line[-1] if line else None
        if last is not None and _same(last, one):
            line[-1] = replace(last, until_on=one.until_on)
        else:
            line.append(one)
    return tuple(line)


def _same(one: Stretch, other: Stretch) -> bool:
    return (one.kind, one.person_id, one.confirmed) == (other.kind, other.person_id, other.confirmed)


def _owns(one: Stretch, person_id: int | None) -> bool:
    return one.kind is CoverageKind.OWNER and one.person_id == person_id


def _overlap(one: Stretch, other: Stretch) -> bool:
    first = max(one.from_on, other.from_on)
    return one.on(first) and other.on(first)
