"""The words from which the kind of a note is guessed, in the writer's language."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.dossier import EntryKind
from bot.slack.words import gettext


def kind_words() -> Mapping[EntryKind, frozenset[str]]:
    """Those of whoever reads now (`bot/slack/words.py`). A translation lists the words of its own language."""
    listed = {
        EntryKind.CALL: gettext("call called calling calls phone phoned phones rang"),
        EntryKind.VISIT: gettext("visit visited visiting visits"),
        EntryKind.MAIL: gettext("mail mailed mails email emailed emails e-mail e-mailed wrote"),
        EntryKind.MEETING: gettext("meet meeting meetings met"),
        EntryKind.COMPLAINT: gettext("complain complained complaining complains complaint complaints"),
    }
    return {kind: frozenset(words.casefold().split()) for kind, words in listed.items()}
