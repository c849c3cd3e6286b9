"""From an operation's result to blocks: pure functions, one module for each kind of result."""
