"""What Baton declines to do, each with the sentence a person gets.

The sentences are gettext ids with named values, put into the reader's language at the edge (`bot/slack/wording`).
A value named `person` is a Slack user id and is shown as a mention; `people` is a list of them.
"""

from __future__ import annotations

from bot.errors import Refused


class Refusal(Refused):
    """A rule of the product says no."""

    sentence = ""

    def __init__(self, **values: object) -> None:
        super().__init__(self.sentence, **values)


class NotAllowed(Refusal):
    """The person may not do this; the sentence says who can."""

    sentence = "Only %(people)s can do that here."


class NoSuchThing(Refusal):
    sentence = "I cannot find that any more. It may have been removed; open the card again."


class AlreadyDone(Refusal):
    sentence = "“%(title)s” was already ticked off by %(person)s."


class AlreadySkipped(Refusal):
    sentence = "“%(title)s” was already skipped by %(person)s. Reopen it to tick it off."


class NotSkippedNorDone(Refusal):
    sentence = "“%(title)s” is already open."


class Unreachable(Refusal):
    sentence = "%(person)s cannot be reached in Slack any more. Choose somebody else."


class AwayThroughout(Refusal):
    sentence = "%(person)s is away all that time. Choose somebody else."


class RefuseDate(Refusal):
    sentence = "That day has passed. Choose today or later."


class TooFarOff(Refusal):
    sentence = "That is more than a year away. Choose an earlier day."


class Empty(Refusal):
    sentence = "Write a few words: an empty answer helps nobody."


class TooLong(Refusal):
    sentence = "That is too long: %(limit)s characters at most."


class HandoffClosed(Refusal):
    sentence = "The handoff of %(account)s is closed; nothing in it changes any more."


class AlreadyOpen(Refusal):
    sentence = "%(account)s already has an open handoff: %(link)s"


class AlreadyQuiet(Refusal):
    sentence = "%(account)s already has a quiet handoff: see `/handoff show`."


class NotNow(Refusal):
    """A quiet handoff of the account is being prepared, of which the person may not know."""

    sentence = "A handoff of %(account)s cannot be started at the moment."


class OpenFirst(Refusal):
    sentence = "The handoff of %(account)s is quiet. Open it before it is handed over."


class AlreadyOpened(Refusal):
    sentence = "The handoff of %(account)s is open already."


class NameThemFirst(Refusal):
    """Something in a quiet handoff was given to somebody who may not know of it."""

    sentence = "This handoff is quiet, and %(person)s does not know of it. Name them in it first, or open it."


class AlreadyAccepted(Refusal):
    sentence = "%(account)s was already accepted by %(person)s."


class NothingToAccept(Refusal):
    sentence = "%(account)s is not waiting to be accepted. It has to pass its gate first."


class AlreadyAsked(Refusal):
    sentence = "%(account)s already waits for %(person)s to accept it."


class NameTheIncoming(Refusal):
    sentence = "Nobody is named to take over %(account)s yet. Name the incoming rep first: “Edit” in the card’s menu."


class IncomingIsGone(Refusal):
    sentence = (
        "%(person)s has left and cannot take over %(account)s. "
        "Name another incoming rep first: “Edit” in the card’s menu."
    )


class SameRep(Refusal):
    sentence = "The incoming rep has to be somebody other than the outgoing rep."


class NoGaps(Refusal):
    sentence = "Say what is missing: choose steps to reopen or write what you need."


class TooManyGaps(Refusal):
    sentence = "That is too much at once: %(limit)s lines at most."


class AlreadyAnswered(Refusal):
    sentence = "That was already answered by %(person)s. Use “Correct” to change the answer."


class NoSuchAnswer(Refusal):
    sentence = "That answer does not belong to this question any more. Open the latest message and try again."


class AskedElsewhere(Refusal):
    sentence = "This question was passed on to %(person)s, who has it now."


class AskSomeoneElse(Refusal):
    sentence = "%(person)s has the question already. Choose somebody else."


class StageMoved(Refusal):
    sentence = "%(account)s has already moved on to “%(stage)s”."


class NoAccount(Refusal):
    sentence = "I do not know an account like “%(query)s”. Try fewer letters, or start a handoff to add it."


class NoHandoff(Refusal):
    sentence = "%(account)s has no handoff yet. Start one with `/handoff start`."


class NoDay(Refusal):
    sentence = "Choose a day."


class EndsTooSoon(Refusal):
    sentence = "The last day is before the first."


class AwayTooLong(Refusal):
    sentence = "A year at most, beginning within a year."


class TooManyAbsences(Refusal):
    sentence = "%(limit)s absences are as many as I keep. Remove one first."


class OwnDelegate(Refusal):
    sentence = "Nobody can stand in for themselves. Choose somebody else."


class DelegateAway(Refusal):
    sentence = "%(person)s is away all that time as well. Choose somebody else."


class OwnChief(Refusal):
    sentence = "Nobody reports to themselves. Choose somebody else."


class NotOffered(Refusal):
    sentence = "That was not among the choices. Open the form again."


class NoWorkingDay(Refusal):
    sentence = "Choose at least one working day."


class NoWorkingHours(Refusal):
    sentence = "The working day has to end at least an hour after it begins."


class NoSuchCountry(Refusal):
    sentence = "I do not know that country. Type a few letters of its name and choose it."


class NudgeGone(Refusal):
    sentence = "That is already settled: nothing is left to do."


class HasItAlready(Refusal):
    sentence = "%(person)s has it already. Choose somebody else."


class NobodyAbove(Refusal):
    """The handoff's manager cannot hand something up to themselves."""

    sentence = "You are the manager here, so it would come back to you: name somebody, or skip it with a reason."


class ReturnInstead(Refusal):
    sentence = "Nobody else can accept %(account)s for you. Return it and say what is missing, or talk to the manager."


class OwnThing(Refusal):
    sentence = "That one is yours."


class AlreadyReminded(Refusal):
    """`at` and `again` are moments (aware)."""

    sentence = "%(person)s was reminded of this %(at)s. Again from %(again)s."


class WillBeReminded(Refusal):
    """`at` is a moment (aware)."""

    sentence = "%(person)s will be reminded of this %(at)s already."
