"""One template with something it has to show, rendered as people would see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.playbooks.files import SHIPPED
from bot.slack.limits import Surface
from bot.slack.render import Renderer
from tests.decisions import samples as s

RENDERER = Renderer([SHIPPED])


@dataclass(frozen=True)
class Case:
    template: str
    surface: Surface
    context: dict[str, Any]

    def shown(self) -> dict[str, Any]:
        render = {Surface.MESSAGE: RENDERER.message, Surface.MODAL: RENDERER.modal, Surface.HOME: RENDERER.home}
        return render[self.surface](self.template, "en", now=s.NOW, **self.context)


def message(template: str, **context: Any) -> Case:
    return Case(f"messages/{template}", Surface.MESSAGE, context)


def view(template: str, **context: Any) -> Case:
    return Case(f"views/{template}", Surface.MODAL, context)
