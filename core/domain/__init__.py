"""Nouns: ids, states with their transition tables, frozen records. No I/O."""
