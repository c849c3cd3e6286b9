"""Who launches what when: places, starts, control of live runs, recovery after a crash."""
