"""What every rule of the simulation raises."""


class Violation(AssertionError):
    """A promise was broken."""
