"""Icons, prompts and presets that ship with Weft."""
