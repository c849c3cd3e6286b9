"""The board's rules: tasks, their order, dependencies, import and approval."""
