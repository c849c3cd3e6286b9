"""Who collides with whom, by real merges that touch nothing of the person's.

What others use:

- `matrix.conflict_matrix`: every branch against the base, then every pair
- `live.follow`: the same, told again whenever it changes
- `prediction.predict_meetings`: who will meet whom, before anybody has begun
- `snapshots.snapshot`, `snapshots.take_snapshots`: a worktree as a tree, uncommitted work included
- `sides.file_sides`: both versions of a conflicted file with its hunks
- `generations.open_generation`: where the objects of all these live
"""
