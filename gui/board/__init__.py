"""The board: five columns of cards."""
