"""Processes of the machine: who is who, trees of them, and which programs Weft itself brings."""
