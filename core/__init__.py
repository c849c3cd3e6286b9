"""The engine of Weft: tasks, workers, runs and merges, without any Qt."""
