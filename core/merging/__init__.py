"""Landing branches on the base: order, dry run, execution from a journal, undo."""
