"""Plumbing: one small typed function per git command; the only place that starts git."""
