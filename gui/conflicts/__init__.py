"""Who meets whom: the matrix as a heat map, and the chosen pair side by side."""
