"""Elements that one types into: text, numbers, addresses, dates, times, files."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from sandbox.page import dates
from sandbox.page.elements import Renderer, naming, wrapper
from sandbox.page.html import tag
from sandbox.page.surface import Json, Place


def plain_text_input(element: Json, place: Place) -> Markup:
    """A line, or several when it is multiline."""
    initial = str(element.get("initial_value") or "")
    limits: dict[str, Any] = {"minlength": element.get("min_length"), "maxlength": element.get("max_length")}
    common = _common(element, place) | limits
    if element.get("multiline"):
        # A textarea swallows the first line end of its text.
        control = tag("textarea", "\n" + initial, rows=4, data_typing=_typing(element), **common)
    else:
        control = tag("input", type="text", value=initial, data_typing=_typing(element), **common)
    return wrapper(element, place, control, class_="wide")


def _typing(element: Json) -> str | None:
    """When a dispatching input speaks: on_enter_pressed (Slack's default) and/or on_character_entered."""
    config = element.get("dispatch_action_config") or {}
    return " ".join(config.get("trigger_actions_on", ())) or "on_enter_pressed"


def number_input(element: Json, place: Place) -> Markup:
    """A number, whole unless is_decimal_allowed."""
    return _line(
        element, place, "number",
        min=element.get("min_value"), max=element.get("max_value"),
        step="any" if element.get("is_decimal_allowed") else "1",
    )  # fmt: skip


def email_text_input(element: Json, place: Place) -> Markup:
    """A mail address."""
    return _line(element, place, "email")


def url_text_input(element: Json, place: Place) -> Markup:
    """A web address."""
    return _line(element, place, "url")


def datepicker(element: Json, place: Place) -> Markup:
    """A day (YYYY-MM-DD)."""
    return _line(element, place, "date", str(element.get("initial_date") or ""))


def timepicker(element: Json, place: Place) -> Markup:
    """A time of day (HH:MM)."""
    return _line(element, place, "time", str(element.get("initial_time") or ""))


def datetimepicker(element: Json, place: Place) -> Markup:
    """A moment on the reader's wall clock; the server makes unix seconds of it."""
    seconds = element.get("initial_date_time")
    shown = ""
    if seconds:
        shown = dates.local(dates.from_ts(str(seconds)), place.surface.reader.zone).strftime("%Y-%m-%dT%H:%M")
    return _line(element, place, "datetime-local", shown)


def rich_text_input(element: Json, place: Place) -> Markup:
    """A plain textarea: what is typed becomes one rich text section."""
    initial = "".join(_plain(part) for part in (element.get("initial_value") or {}).get("elements", ()))
    control = tag("textarea", "\n" + initial, rows=4, **_common(element, place))
    return wrapper(element, place, control, class_="wide")


def _plain(part: Json) -> str:
    return str(part.get("text", "")) + "".join(_plain(inner) for inner in part.get("elements", ()))


def file_input(element: Json, place: Place) -> Markup:
    """Files from the person's computer; uploaded as soon as they are chosen."""
    accept = ",".join(f".{kind}" for kind in element.get("filetypes", ()))
    control = tag("input", type="file", accept=accept or None, multiple=int(element.get("max_files", 10)) > 1,
                  data_keep="data-files", **_common(element, place))  # fmt: skip
    return wrapper(element, place, control, class_="wide")


def _line(element: Json, place: Place, kind: str, value: str | None = None, **more: Any) -> Markup:
    shown = str(element.get("initial_value") or "") if value is None else value
    typing = _typing(element) if kind in ("number", "email", "url") else None
    control = tag("input", type=kind, value=shown, data_typing=typing, **more, **_common(element, place))
    return wrapper(element, place, control, class_="wide" if kind in ("email", "url") else "")


def _common(element: Json, place: Place) -> dict[str, Any]:
    placeholder = place.surface.words(element.get("placeholder")) or None
    return {"id": place.id_of(element), "placeholder": placeholder, **naming(element, place)}


FIELDS: dict[str, Renderer] = {
    "plain_text_input": plain_text_input,
    "number_input": number_input,
    "email_text_input": email_text_input,
    "url_text_input": url_text_input,
    "datepicker": datepicker,
    "timepicker": timepicker,
    "datetimepicker": datetimepicker,
    "rich_text_input": rich_text_input,
    "file_input": file_input,
}
