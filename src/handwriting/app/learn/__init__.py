"""Learning from corrections beside serving: a process of its own, and the versions it makes."""
