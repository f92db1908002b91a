"""Templates to Block Kit. A template is a stream of JSON blocks; every expression in it is written as JSON.

So no value can break out of its place. `docs/templates.md` is the guide for whoever writes one.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import lru_cache
from gettext import NullTranslations
from pathlib import Path
from types import TracebackType
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader, StrictUndefined, Template, Undefined, pass_context
from jinja2.exceptions import TemplateError, TemplateNotFound, TemplateSyntaxError, UndefinedError
from jinja2.runtime import Context
from markupsafe import Markup

from bot.slack import words
from bot.slack.filters import FILTERS, compact_json, plain
from bot.slack.fitting import fit
from bot.slack.limits import Surface
from bot.slack.rendered import Rendered, TemplateFault, Unfit
from bot.slack.sandbox import Sandbox
from bot.slack.stream import StreamFault, read_stream
from bot.slack.vocabulary import VOCABULARY
from bot.slack.words import Catalogues, Reading, locale_of, read_by

__all__ = ["Rendered", "Renderer", "TemplateFault"]

ENDING = ".j2"
PLAIN = ("mail/", "calendar/", "brief/page.html", "brief/file.md")
"""Templates that are text or pages, not blocks."""
_UNSAFE_FILTERS = ("escape", "e", "safe", "forceescape", "tojson", "urlize", "xmlattr", "pprint", "truncate")
"""Jinja's filters that would write something else than JSON, or cut a text in a wrong place."""
_SAID = (words.gettext, words.ngettext, words.pgettext, words.npgettext)


class Renderer:
    """Renders the templates of `folders`; a file in a later folder takes the place of the same file in earlier ones.

    A replacing file can still include the one it replaces, as ``shipped/<name>.j2``. `translations` defaults to the
    catalogues in the same folders. `reload` looks for changed files at each call (for people who write templates).
    """

    def __init__(
        self, folders: Sequence[Path], translations: Catalogues | None = None, *, reload: bool = False
    ) -> None:
        self._folders = tuple(Path(folder).resolve() for folder in folders)
        self._catalogues = translations or Catalogues(self._folders)
        self._environment = environment_of(self._folders, reload) if reload else _shared_environment(self._folders)

    def render(self, name: str, /, locale: str = "en", **context: Any) -> Rendered:
        """The template `name` (such as ``messages/card``) for a reader of `locale`, as it is written.

        `context` holds what the template names; ``now`` (an aware datetime) or ``today`` lets dates leave out this
        year. Raises `TemplateFault`.
        """
        clash = sorted(set(context) & set(VOCABULARY))
        if clash:
            raise TemplateFault(name, None, f"the value {clash[0]!r} hides the block of that name.", "rename it.")
        locale = self._catalogues.spoken(locale)
        reader = Reading(locale_of(locale), self._catalogues.get(locale), _today(context))
        with read_by(reader), self._faults(name):
            template = self._environment.get_template(name + ENDING)
            text = template.render(context)
            try:
                envelope, blocks, folds = read_stream(text)
            except StreamFault as fault:
                source = Path(str(template.filename)).read_text(encoding="utf-8")
                line = _line_of(template, source, context, fault.position)
                raise TemplateFault(name, line, fault.reason, fault.fix) from None
        return Rendered(envelope, blocks, folds, name)

    def message(self, name: str, /, locale: str = "en", **context: Any) -> dict[str, Any]:
        """A message: text (what notifications and screen readers say), blocks, and no unfurling; within the limits."""
        rendered = fit(self.render(name, locale, **context), Surface.MESSAGE)
        if not rendered.envelope.get("text"):
            raise TemplateFault(name, None, "a message needs a text.", 'begin with {"text": {{ _("…") }}}.')
        text = rendered.envelope["text"]
        return {"text": text, "blocks": rendered.blocks, "unfurl_links": False, "unfurl_media": False}

    def modal(self, name: str, /, locale: str = "en", **context: Any) -> dict[str, Any]:
        """A modal view. Title, submit and close may be given as plain sentences, private_metadata as a dict."""
        rendered = fit(self.render(name, locale, **context), Surface.MODAL)
        if not rendered.envelope.get("title"):
            raise TemplateFault(name, None, "a modal needs a title.", 'begin with {"title": {{ _("…") }}}.')
        return {"type": "modal", **self._outside(rendered), "blocks": rendered.blocks}

    def home(self, name: str, /, locale: str = "en", **context: Any) -> dict[str, Any]:
        """A view for App Home, which has neither title nor submit."""
        rendered = fit(self.render(name, locale, **context), Surface.HOME)
        refused = {"title", "submit", "close", "text"} & set(rendered.envelope)
        if refused:
            raise TemplateFault(name, None, f"App Home takes no {', '.join(sorted(refused))}.", "remove it.")
        return {"type": "home", **self._outside(rendered), "blocks": rendered.blocks}

    def words(self, locale: str) -> NullTranslations:
        """The sentences of a language, for what is said outside templates (errors under a field)."""
        return self._catalogues.get(locale)

    def names(self) -> list[str]:
        """Every template of blocks in the folders, by name, once (mails and calendar entries: plaintext.py)."""
        found = self._environment.list_templates(extensions=[ENDING[1:]])
        names = {name.removeprefix("shipped/").removesuffix(ENDING) for name in found}
        return sorted(name for name in names if not name.startswith(PLAIN))

    def _outside(self, rendered: Rendered) -> dict[str, Any]:
        envelope = dict(rendered.envelope)
        with self._faults(rendered.name):
            for part in ("title", "submit", "close"):
                if part in envelope and not isinstance(envelope[part], Mapping):
                    envelope[part] = plain(envelope[part])
            if not isinstance(envelope.get("private_metadata", ""), str):
                envelope["private_metadata"] = compact_json(envelope["private_metadata"])
        return envelope

    @contextmanager
    def _faults(self, name: str) -> Iterator[None]:
        """Whatever goes wrong inside becomes a `TemplateFault` with template and line."""
        try:
            yield
        except TemplateSyntaxError as error:
            raise TemplateFault(
                (error.name or name).removesuffix(ENDING), error.lineno, error.message or "wrong syntax."
            ) from None
        except TemplateNotFound as error:
            raise TemplateFault(
                str(error.name or name).removesuffix(ENDING), None, "there is no such template."
            ) from None
        except (TemplateError, Unfit, TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
            template, line = self._place(error.__traceback__, name)
            raise TemplateFault(template, line, *_reason(error)) from None

    def _place(self, trace: TracebackType | None, name: str) -> tuple[str, int | None]:
        """The innermost template and line that an error came through."""
        place: tuple[str, int | None] = (name, None)
        while trace is not None:
            path = Path(trace.tb_frame.f_code.co_filename)
            for folder in self._folders:
                if path.suffix == ENDING and path.is_relative_to(folder):
                    place = str(path.relative_to(folder)).removesuffix(ENDING), trace.tb_lineno
            trace = trace.tb_next
        return place


@lru_cache(maxsize=8)
def _shared_environment(folders: tuple[Path, ...]) -> Sandbox:
    """Compiling a template costs more than rendering it a hundred times: renderers of one process share the work."""
    return environment_of(folders)


def environment_of(folders: Sequence[Path], reload: bool = False) -> Sandbox:
    """The sandbox that templates run in; see the module."""
    loader = ChoiceLoader(
        [
            FileSystemLoader([*reversed(folders)]),
            PrefixLoader({"shipped": FileSystemLoader(folders[0])} if folders else {}),
        ]
    )
    environment = Sandbox(
        loader=loader,
        undefined=StrictUndefined,
        autoescape=True,  # makes Jinja mark what macros wrote, so that `_written` leaves it alone
        finalize=_written,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=reload,
        extensions=["jinja2.ext.i18n"],
        plain=[*VOCABULARY.values(), *_SAID],
    )
    for unsafe in _UNSAFE_FILTERS:
        environment.filters.pop(unsafe, None)
    environment.filters.update(FILTERS)
    environment.globals.update(VOCABULARY)
    for function in _SAID:
        environment.globals[function.__name__] = function
    environment.globals["_"] = words.gettext
    environment.newstyle_gettext = True  # type: ignore[attr-defined]  # added by the i18n extension
    return environment


@pass_context
def _written(context: Context, value: Any) -> Markup:
    """How an expression appears in the stream: as JSON; the output of a macro as it is.

    It takes the context only because Jinja would otherwise write constants at compile time, without it.
    """
    if isinstance(value, Markup):
        return value
    return Markup(_ENCODER.encode(_opened(value)))


def _opened(value: Any) -> Any:
    """`value` with the output of macros inside lists and dicts turned back into objects."""
    kind = type(value)
    if kind is str or kind is int or kind is bool:
        return value
    if kind is dict:
        return {key: _opened(part) for key, part in value.items()}
    if kind is list or kind is tuple:
        return [_opened(part) for part in value]
    return json.loads(value) if kind is Markup else value


def _not_json(value: Any) -> Any:
    if isinstance(value, Undefined):
        return str(value)  # a strict undefined raises here, and says what is missing
    raise Unfit(
        f"a {type(value).__name__} cannot be shown as it is.",
        "name one of its fields, or use a filter such as |day, |moment or |mention.",
    )


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_not_json)


def _reason(error: Exception) -> tuple[str, str]:
    if isinstance(error, Unfit):
        return error.reason, error.fix
    if isinstance(error, UndefinedError):
        return f"{error.message}.", "pass it to the renderer, or give it a default."
    if isinstance(error, TemplateError | TypeError | AttributeError):
        return f"{type(error).__name__}: {error}.", ""
    return f"{type(error).__name__}.", ""  # its words may be a person's


def _today(context: Mapping[str, Any]) -> date | None:
    today = context.get("today", context.get("now"))
    if isinstance(today, datetime):
        return today.date()
    return today if isinstance(today, date) else None


def _line_of(template: Template, source: str, context: Mapping[str, Any], position: int) -> int | None:
    """The line of the template that wrote the character at `position`: rendered again, piece by piece."""
    pieces = template.root_render_func(template.new_context(dict(context)))
    for piece in pieces:
        if len(piece) > position:
            frame = getattr(pieces, "gi_frame", None)
            start = template.get_corresponding_lineno(frame.f_lineno) if frame else 1
            return _found(source, piece, position, start)
        position -= len(piece)
    return source.count("\n", 0, len(source.rstrip())) + 1


def _found(source: str, piece: str, position: int, start: int) -> int:
    """Jinja knows where the expression before a piece of plain text stands; the text itself is searched from there."""
    end = piece.find("\n", position)
    words = piece[piece.rfind("\n", 0, position) + 1 : end if end >= 0 else len(piece)].strip()
    lines = source.splitlines()
    return next((number for number in range(start, len(lines) + 1) if words and words in lines[number - 1]), start)
