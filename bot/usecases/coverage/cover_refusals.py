"""Why a cover is not named, offered or confirmed, in sentences for the person who tried."""

from __future__ import annotations

from bot.domain.refusals import Refusal


class HandoffUnderWay(Refusal):
    sentence = "A handoff of %(account)s is under way: whoever accepts it there becomes the owner."


class CoveredAlready(Refusal):
    sentence = "%(person)s looks after %(account)s already. Thank you for offering."


class OfferedAlready(Refusal):
    sentence = "%(person)s was first and has offered to cover %(account)s; a manager has to confirm it."


class YouOffered(Refusal):
    sentence = "You have offered to cover %(account)s already; a manager has to confirm it."


class NotNeeded(Refusal):
    sentence = "%(account)s needs no cover now."


class ConfirmedAlready(Refusal):
    sentence = "%(people)s was first and has confirmed it: %(person)s covers %(account)s."


class YouConfirmed(Refusal):
    sentence = "You have confirmed that already: %(person)s covers %(account)s."


class YouAreAway(Refusal):
    sentence = "You are away all that time: somebody is needed for %(account)s from %(first)s until %(last)s."


class YouWereDeclined(Refusal):
    sentence = "%(account)s asked for somebody else than you before. A manager can name you all the same."


class DeclinedOffer(Refusal):
    sentence = (
        "%(account)s asked for somebody else than %(person)s before. "
        "To name them all the same, choose “Somebody else” and tick the box there."
    )
