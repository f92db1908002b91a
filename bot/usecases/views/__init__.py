"""What people look at: App Home, lists, one handoff, its history. Nothing here changes anything."""
