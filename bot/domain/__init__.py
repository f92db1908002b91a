"""What the product decides: pure values and decisions, no I/O, no clock."""
