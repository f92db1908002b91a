"""The forms in which a handoff is changed, its history, and a newer playbook, for any text that people may type."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.edits import facts, seen
from bot.usecases.editing import EditView
from tests.decisions import samples as s
from tests.decisions.shown import Case, view


def of_editing(words: str) -> Iterator[Case]:
    gone = s.handoff(words, 0, outgoing=None, outgoing_id=None, outgoing_name=words[:150], last_day=None, overseas=True)
    for handoff in (s.handoff(words), gone):
        known = facts(handoff)
        edit = EditView(handoff, seen(known, known))
        for newer in (True, False):
            yield view("edit", edit=edit, newer=newer)
        yield view("edit_more", edit=edit)
        yield view("edit_account", edit=edit)
