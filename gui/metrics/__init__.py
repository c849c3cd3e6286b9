"""How the work goes, in figures."""
