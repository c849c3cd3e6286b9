"""Colours, type, icons, motion and the one style sheet; the only place that names a colour."""
