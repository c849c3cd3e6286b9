"""Workers: the strip above the board, and the page that lists them."""
