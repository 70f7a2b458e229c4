"""What runs in the launcher process: the standard library only, one thread, and no data of the user."""
