"""Numbers that were measured several times, and whether an aim was reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Figure:
    """One quantity, measured once per round."""

    values: tuple[float, ...]

    @classmethod
    def of(cls, values: Sequence[float]) -> Figure:
        return cls(tuple(values))

    @property
    def middle(self) -> float:
        return median(self.values)

    def shown(self, digits: int = 0) -> str:
        """The median, with the range behind it when there was more than one round."""
        low, high = min(self.values), max(self.values)
        around = f" [dim]({low:,.{digits}f} to {high:,.{digits}f})[/dim]" if len(self.values) > 1 else ""
        return f"{self.middle:,.{digits}f}{around}"

    def over(self, other: Figure) -> Figure:
        """Round by round, how many times the other."""
        return Figure(tuple(mine / theirs for mine, theirs in zip(self.values, other.values, strict=True)))

    def plus(self, other: Figure) -> Figure:
        """Round by round, both together."""
        return Figure(tuple(mine + theirs for mine, theirs in zip(self.values, other.values, strict=True)))


@dataclass(frozen=True)
class Aim:
    """What was hoped for: `figure` at least (or at most) `limit`. The median decides."""

    what: str
    figure: Figure
    limit: float
    digits: int = 0
    unit: str = ""
    at_least: bool = False

    @property
    def reached(self) -> bool:
        return self.figure.middle >= self.limit if self.at_least else self.figure.middle <= self.limit

    @property
    def close(self) -> bool:
        """Whether single rounds fell on the other side: then the noise is larger than the distance."""
        sides = {value >= self.limit if self.at_least else value <= self.limit for value in self.figure.values}
        return len(sides) > 1

    def cells(self) -> tuple[str, str, str, str]:
        """What, measured, aim, verdict."""
        verdict = "[green]reached[/green]" if self.reached else "[red]not reached[/red]"
        if self.close:
            verdict += ", not in every round" if self.reached else ", but in some rounds"
        unit = f" {self.unit}" if self.unit else ""
        hoped = f"at {'least' if self.at_least else 'most'} {self.limit:g}{unit}"
        return self.what, self.figure.shown(self.digits) + unit, hoped, verdict


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of them lie: `share=0.99` is p99. The values must not be empty."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]
