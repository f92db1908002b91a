"""Many accounts change hands by one plan."""
