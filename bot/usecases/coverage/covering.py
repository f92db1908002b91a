"""What follows in a handoff when its account's line of time changes: its cover, and what the manager is asked.

The line is the truth; `handoff.cover_id` and the two items about covers are kept in step with it here.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from bot.domain import coverage as lines
from bot.domain.accounts import CoverageKind
from bot.domain.coverage import Line, Stretch, vacant
from bot.domain.handoff import Acceptance, Handoff, HandoffState
from bot.domain.people import Person
from bot.domain.rules import CoverRule
from bot.domain.vocabulary import StepForm
from bot.store import lines as store
from bot.store.loading import people_by_id
from bot.usecases import changes
from bot.usecases.coverage.cover_items import ASKS, ENDS, Asked, Asking
from bot.usecases.desk import worktime
from bot.usecases.workspace.playbooks import playbook_of

A_DAY = timedelta(days=1)


def begin(session: Session, handoff: Handoff, outgoing: Person | None, by: Person) -> None:
    """A handoff starts: an account of which nothing is known begins its line with the outgoing rep, or with nobody.

    Whoever it says has the account has left: from that day nobody has it.
    """
    today = handoff.start_on
    before = store.line_of(session, handoff.account_id, lock=True)
    here = outgoing is not None and outgoing.reachable
    if not before:
        person_id = outgoing.id if outgoing is not None and here else None
        kind = CoverageKind.OWNER if here else CoverageKind.VACANT
        after: Line = (Stretch(kind, today, None, person_id, handoff.id, by.id),)
    elif outgoing is not None and not here:
        after = lines.without(before, outgoing.id, today)
    else:
        return
    store.write(session, handoff.workspace_id, handoff.account_id, before, after)


def started(session: Session, handoff: Handoff, by: Person, now: datetime) -> None:
    """A (whole) handoff begins: its account's line with it, and whoever is missing is asked for. Not in a test run."""
    if handoff.test_run:
        return
    begin(session, handoff, handoff.outgoing, by)
    follow_line(session, handoff, handoff.start_on, None, now)
    session.flush()
    ask_in_thread(session, handoff, handoff.start_on, now)


def ask_in_thread(session: Session, handoff: Handoff, today: date, now: datetime) -> None:
    """Say in the thread, once for each such day, that somebody is needed: whoever reads it can offer to cover."""
    line = line_of(session, handoff)
    first = needed_from(handoff, line, today)
    if first is None or lines.offer_from(line, today) is not None:
        return
    values = {"account_id": handoff.account_id, "first": first.isoformat()}
    letter = changes.thread_message(handoff.id, f"cover_needed:{first.isoformat()}", "cover_needed", **values)
    changes.say(session, now, handoff, letter)


def line_of(session: Session, handoff: Handoff) -> Line:
    """The line of its account, which a test run has no part in."""
    return () if handoff.test_run else store.line_of(session, handoff.account_id)


def handoff_cancelled(session: Session, handoff: Handoff, today: date) -> None:
    """The outgoing rep stays after all: what the handoff had planned for later is off."""
    if not handoff.test_run:
        take_back(session, handoff, today)


def take_back(session: Session, handoff: Handoff, today: date) -> None:
    """What the handoff had planned on its account's line for later is off; what has happened stays."""
    before = store.line_of(session, handoff.account_id, lock=True)
    owner = lines.at(before, today)
    if owner is None or owner.kind is not CoverageKind.OWNER or owner.person_id != handoff.outgoing_id:
        return
    if handoff.outgoing_id is not None and handoff.outgoing is not None and handoff.outgoing.reachable:
        after = lines.taken_over(before, handoff.outgoing_id, today, owner.handoff_id)  # theirs as it was before
        store.write(session, handoff.workspace_id, handoff.account_id, before, after)


def needed_from(handoff: Handoff, line: Line, today: date) -> date | None:
    """The first day for which a cover has to be named; None when somebody is, or will be in time."""
    if handoff.state is not HandoffState.OPEN or handoff.acceptance is Acceptance.ACCEPTED:
        return None
    stays = handoff.last_day if not line or lines.is_owner_from(line, handoff.outgoing_id, today) else None
    needed = lines.needs_cover_from(line, today, stays)
    return needed if needed is not None and (handoff.incoming_id is None or needed <= today) else None


def open_from(handoff: Handoff | None, line: Line, today: date) -> date | None:
    """The first day for which somebody may offer to cover; None when nobody is needed."""
    return needed_from(handoff, line, today) if handoff is not None else lines.needs_cover_from(line, today, None)


def with_cover(session: Session, handoff: Handoff | None, line: Line, new: Stretch, today: date) -> Line:
    """The line with a cover that a manager named: it takes the place of offers and of covers at that time.

    The same person's cover only gets another end. Raises what `bot.domain.coverage.covered` raises.
    """
    for offer in [one for one in line if one.offered and (one.until_on or today) > today]:
        line = lines.painted(line, vacant(offer.from_on, offer.until_on, offer.handoff_id))
    mine = lines.cover_from(line, today)
    if mine is not None and mine.person_id == new.person_id and (mine.on(today) or mine.from_on == new.from_on):
        if new.until_on is None or new.until_on <= max(today, mine.from_on):
            raise lines.CoverIsOver() if mine.on(today) else lines.EndsBeforeItBegins()
        return lines.ended(line, mine, new.until_on, today)
    planned = lines.covered(line, new, today, comes_back=False)  # refuses before anything else is touched
    for other in [one for one in line if one.kind is CoverageKind.COVER and _meet(one, new, today)]:
        line = lines.ended(line, other, max(new.from_on, other.from_on), today)
    assert planned, "a line with something on it"
    return lines.covered(line, new, today, comes_back=_comes_back(session, handoff, line, new))


def follow_line(
    session: Session, handoff: Handoff, today: date, by: Person | None, now: datetime, *, anew: bool = False
) -> None:
    """Bring the (whole, locked) handoff in step with its account's line. The caller redraws and plans anew.

    `by`: who named a cover just now, and so did what was asked. `anew`: the line has changed, so that what was
    answered, or given a date by hand, is asked again.
    """
    if handoff.state is not HandoffState.OPEN:
        return
    line = line_of(session, handoff)
    running = handoff.acceptance is not Acceptance.ACCEPTED
    cover = lines.cover_from(line, today)
    handoff.cover_id = cover.person_id if cover is not None else None
    assert handoff.manager is not None, "somebody answers for every handoff"
    rule, calendar = rule_of(session, handoff), worktime(handoff.manager)
    asking = Asking(session, handoff, calendar, by or handoff.manager, today, now, anew)
    ends = cover.until_on if cover is not None and running and not _returns(handoff, line, cover) else None
    due = calendar.add_working_days(ends, -rule.ask_working_days) if ends is not None else None
    asking.for_(Asked(ENDS, StepForm.COVER_END, rule.ends, necessary=False), due)
    needed = needed_from(handoff, line, today)
    if needed is None and by is not None and cover is not None:
        asking.named()
    due = calendar.add_working_days(needed, -1) if needed is not None and not asking.by_the_playbook() else None
    asking.for_(Asked(ASKS, StepForm.COVER, rule.name_it, necessary=handoff.incoming_id is None), due)


def rule_of(session: Session, handoff: Handoff | None) -> CoverRule:
    """How long covers last, by the playbook of the handoff."""
    return playbook_of(session, handoff).rules.cover if handoff is not None else CoverRule()


def proposed_end(session: Session, handoff: Handoff | None, from_on: date) -> date:
    """The last day of a cover that begins on that day, unless somebody says otherwise."""
    return from_on + timedelta(days=rule_of(session, handoff).days - 1)


def last_day_passed(handoff: Handoff, line: Line, today: date) -> Line:
    """The line once the outgoing rep is gone without a successor: from the next day nobody owns the account."""
    gone = handoff.last_day is not None and handoff.last_day < today
    if not gone or handoff.state is not HandoffState.OPEN or handoff.acceptance is Acceptance.ACCEPTED:
        return line
    assert handoff.last_day is not None, "looked at above"
    owner = lines.at(line, today)
    if owner is None or owner.kind is not CoverageKind.OWNER or owner.person_id != handoff.outgoing_id:
        return line
    return lines.painted(line, vacant(max(handoff.last_day + A_DAY, owner.from_on), owner.until_on, handoff.id))


def follow_last_day(session: Session, handoff: Handoff, was: date | None, today: date) -> None:
    """The last day was `was` before somebody changed it: the account's line follows."""
    if handoff.last_day != was and not handoff.test_run:
        before = store.line_of(session, handoff.account_id, lock=True)
        after = last_day_moved(handoff, before, was, today)
        store.write(session, handoff.workspace_id, handoff.account_id, before, after)


def last_day_moved(handoff: Handoff, line: Line, was: date | None, today: date) -> Line:
    """The outgoing rep stays longer, or leaves sooner: the cover that was to begin then begins when they leave."""
    if handoff.last_day is None or was is None or handoff.last_day == was or handoff.outgoing_id is None:
        return line
    first, begins = max(was + A_DAY, today), max(handoff.last_day + A_DAY, today)
    here = lines.at(line, first)
    if here is None or here.handoff_id != handoff.id or here.kind is CoverageKind.OWNER:
        return line
    if begins > first:  # stays longer
        end = min(begins, here.until_on) if here.until_on is not None else begins
        return lines.painted(line, Stretch(CoverageKind.OWNER, first, end, handoff.outgoing_id, handoff.id))
    if here.kind is CoverageKind.COVER and begins < first:
        return lines.painted(line, replace(here, from_on=begins, id=None))
    return line


def _meet(cover: Stretch, new: Stretch, today: date) -> bool:
    """Whether a cover that is not over lies in the time of the new one, or is the same person's for later."""
    if cover.until_on is None or cover.until_on <= today:
        return False
    overlaps = cover.until_on > new.from_on and (new.until_on is None or cover.from_on < new.until_on)
    return overlaps or cover.person_id == new.person_id


def _comes_back(session: Session, handoff: Handoff | None, line: Line, new: Stretch) -> bool:
    """Whether the owner has the account again after the cover: not one who has left, or will have by then."""
    owner = lines.at(line, new.until_on) if new.until_on is not None else None
    if owner is None or owner.kind is not CoverageKind.OWNER:
        return False
    if handoff is not None and handoff.outgoing_id == owner.person_id and not _stays_beyond(handoff, new):
        return False
    person = people_by_id(session, [owner.person_id]).get(owner.person_id or 0)
    return person is not None and person.reachable


def _stays_beyond(handoff: Handoff, cover: Stretch) -> bool:
    """Whether the outgoing rep is still here on the day after the cover."""
    return handoff.last_day is not None and cover.until_on is not None and cover.until_on <= handoff.last_day


def _returns(handoff: Handoff, line: Line, cover: Stretch) -> bool:
    """Whether the outgoing rep, who is still here then, has the account again after the cover."""
    after = lines.at(line, cover.until_on) if cover.until_on is not None else None
    theirs = after is not None and after.kind is CoverageKind.OWNER and after.person_id == handoff.outgoing_id
    return theirs and _stays_beyond(handoff, cover)
