"""An error carries its sentence as a template; the reader's language is chosen where it is shown."""

from bot.errors import BotError, FieldErrors, Refused

GERMAN = {"%(who)s was first.": "%(who)s war schneller.", "Only %(n)d left.": "Nur noch %(wrong)d."}


def test_the_sentence_is_filled_in_the_readers_language() -> None:
    error = Refused("%(who)s was first.", who="Lee")

    assert str(error) == "Lee was first."
    assert error.worded(lambda message: GERMAN[message]) == "Lee war schneller."


def test_a_broken_translation_falls_back_to_english() -> None:
    assert BotError("Only %(n)d left.", n=3).worded(lambda message: GERMAN[message]) == "Only 3 left."


def test_a_percent_sign_needs_no_care_without_values() -> None:
    assert str(Refused("100% of nothing")) == "100% of nothing"


def test_a_form_names_each_field() -> None:
    error = FieldErrors({"benefit": BotError("Say %(what)s.", what="why"), "day": BotError("That day is gone.")})

    assert str(error) == "benefit: Say why.; day: That day is gone."
    assert error.errors["benefit"].worded() == "Say why."
