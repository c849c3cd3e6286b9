"""The window of Weft: PySide6 views over the engine of `core`."""
