"""Load, decide, commit: one module per noun."""
