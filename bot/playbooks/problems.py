"""Pydantic's errors about a file, turned into problems a sales-operations person can mend: where, what, and the fix."""

from __future__ import annotations

import re
import types
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.playbooks.yaml_files import Document, Problem, Where, did_you_mean, nearest

_QUOTED = re.compile(r"'([^']*)'")
_PATTERN = "a key has small letters, digits and underscores, starts with a letter and has at most 40 characters"
_PLAIN = {
    "string_type": ("should be text", "put it in quotes"),
    "bool_type": ("should be yes or no", "write yes or no, without quotes"),
    "int_type": ("should be a whole number", "write digits only"),
    "list_type": ("should be a list", "start each entry on its own line with '- '"),
    "model_type": ("should be a group of 'word: value' lines", "indent the lines that belong to it"),
    "string_too_short": ("is empty", "write something, or take the line out"),
}


def schema_problems(document: Document, model: type[BaseModel], error: ValidationError) -> list[Problem]:
    """One problem per mistake: a word that is misspelled is not reported as missing as well."""
    details = error.errors(include_url=False)
    meant = {_meant(model, tuple(detail["loc"])) for detail in details if detail["type"] == "extra_forbidden"}
    return [
        _problem(document, model, detail)
        for detail in details
        if detail["type"] != "missing" or tuple(detail["loc"]) not in meant
    ]


def _meant(model: type[BaseModel], where: Where) -> Where:
    """The place that a misspelled word was probably meant for."""
    return (*where[:-1], nearest(where[-1], _words(_model_at(model, where[:-1]))) or where[-1])


def _problem(document: Document, model: type[BaseModel], detail: ErrorDetails) -> Problem:
    where, kind, given = tuple(detail["loc"]), detail["type"], str(detail["input"])[:60]
    context: dict[str, Any] = detail.get("ctx", {})
    if kind == "extra_forbidden":
        words = did_you_mean(where[-1], _words(_model_at(model, where[:-1])))
        return document.problem(where, f"unknown word '{where[-1]}'", words)
    if kind == "missing":
        return document.problem(where, f"'{where[-1]}' is missing", f"add a line '{where[-1]}: ...'")
    if kind == "enum":
        known = _QUOTED.findall(str(context.get("expected", "")))
        return document.problem(where, f"'{given}' is not known here", did_you_mean(given, known))
    if kind == "string_pattern_mismatch":
        return document.problem(where, f"'{given}' cannot be a key", _PATTERN)
    if kind in _PLAIN:
        return document.problem(where, *_PLAIN[kind])
    return document.problem(where, *_measured(detail, context))


def _measured(detail: ErrorDetails, context: dict[str, Any]) -> tuple[str, str]:
    given, kind = str(detail["input"]), detail["type"]
    if kind == "string_too_long":
        longest = context["max_length"]
        return f"has {len(given.strip())} characters, at most {longest} fit", "say it in fewer words"
    if kind == "too_long":
        return f"has {context['actual_length']} entries, at most {context['max_length']} are allowed", "remove some"
    if kind == "too_short":
        return "is an empty list", "add an entry, or take the line out"
    if kind in ("greater_than_equal", "less_than_equal"):
        side, limit = ("at least", context["ge"]) if "ge" in context else ("at most", context["le"])
        return f"{given} should be {side} {limit}", ""
    return detail["msg"], str(context.get("fix", ""))


def _words(model: type[BaseModel] | None) -> list[str]:
    return [] if model is None else [field.alias or name for name, field in model.model_fields.items()]


def _model_at(model: type[BaseModel], where: Where) -> type[BaseModel] | None:
    """The model that describes the place `where`, None when it is not a group of words."""
    for part in where:
        if isinstance(part, int):
            continue  # a list's entry has the model of the list
        found = next((field for name, field in model.model_fields.items() if (field.alias or name) == part), None)
        inner = None if found is None else _model_in(found.annotation)
        if inner is None:
            return None
        model = inner
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (list, Annotated, Union, types.UnionType):
        return next(filter(None, (_model_in(part) for part in get_args(annotation))), None)
    return None
