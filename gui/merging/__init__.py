"""The merge wizard: choose branches, order them, try, merge, see what came of it."""
