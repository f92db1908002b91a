"""The sandbox of the templates: Jinja's own, which remembers what it has decided."""

from collections.abc import Callable, Iterable
from types import BuiltinMethodType, MethodType
from typing import Any

from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

_METHODS = (MethodType, BuiltinMethodType)


class Sandbox(ImmutableSandboxedEnvironment):
    """Decides once for each attribute of each class whether a template may read it.

    Jinja asks with each dot in a template, which was a third of what App Home took. Its answer depends on nothing but
    the object's class and the attribute's name; what it refuses is asked again each time. A method is not passed on
    without it, because `str.format` can look around.

    `plain` are functions of ours that want nothing of Jinja, so that it need not ask each time.
    """

    def __init__(self, *args: Any, plain: Iterable[Callable[..., Any]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._safe: set[tuple[type, str]] = set()
        self._plain = {id(one) for one in plain}  # by identity: what a template calls need not be hashable

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        safe = super().is_safe_attribute(obj, attr, value)
        if safe:
            self._safe.add((type(obj), attr))
        return safe

    def getattr(self, obj: Any, attribute: str) -> Any:
        if (type(obj), attribute) in self._safe:
            try:
                value = getattr(obj, attribute)
            except AttributeError:
                return super().getattr(obj, attribute)
            if type(value) not in _METHODS:
                return value
        return super().getattr(obj, attribute)

    # named as Jinja does, because a template's own names follow
    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        if id(__obj) not in __self._plain:
            return super().call(__context, __obj, *args, **kwargs)
        kwargs.pop("_loop_vars", None)
        kwargs.pop("_block_vars", None)
        return __obj(*args, **kwargs)
