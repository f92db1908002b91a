"""What is stored about somebody, for any text that people may type."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.store.personal import tables
from bot.usecases.workspace.privacy import AboutView, Erased, Held
from tests.decisions import samples as s
from tests.decisions.shown import Case, view


def of_privacy(words: str) -> Iterator[Case]:
    held = tuple(Held(table.name, number) for number, table in enumerate(tables(), 1))
    about = AboutView(s.OLAF, False, held, "https://x.example/f", 15)
    for one in (
        about,
        replace(about, own=True),
        replace(about, needed=(words or "Acme",) * 10),
        replace(about, held=(), link=None),
    ):
        yield view("about", view=one)
    yield view("erased", erased=Erased(7, held))
    yield view("erased", erased=Erased(7, held[:1]))
