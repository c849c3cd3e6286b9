"""What the conflict view knows: the matrix, looked up by pair, and who works on what."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.domain.conflict import BranchState, ConflictedFile, ConflictMatrix, PairVerdict
from core.domain.lock import TaskWarning
from core.domain.overview import BoardView
from core.domain.run import LIVE
from core.domain.task import Task, TaskStatus
from core.domain.worker import WorkerType
from gui.conflicts.words import short_labels

CONTENTS = "contents"


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two branches, or one and the base, and what a merge of them says.

    `b` is the base's name when `with_base`. `problem` says why there is no verdict, else empty.
    `first` are files of `overlap` that were not compared: who is in `first_by` collides with the
    base in them already.
    """

    a: str
    b: str
    with_base: bool
    conflict: bool
    files: tuple[ConflictedFile, ...] = ()
    overlap: tuple[str, ...] = ()
    problem: str = ""
    first: tuple[str, ...] = ()
    first_by: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """Return the number of files in conflict; a conflict without a file counts as one."""
        return max(len(self.files), 1) if self.conflict else 0

    @property
    def b_task(self) -> str | None:
        """Return the second task's key, or None when the second side is the base."""
        return None if self.with_base else self.b

    @property
    def pair(self) -> tuple[str, str | None]:
        """Return what tells this meeting from every other one."""
        return self.a, self.b_task


class MatrixFacts:
    """The matrix by row and column: one row per branch, one column per branch and the base."""

    def __init__(self, matrix: ConflictMatrix) -> None:
        self.matrix = matrix
        self.base = matrix.base
        self.branches = matrix.branches
        self.tasks = tuple(branch.task for branch in matrix.branches)
        self.labels = short_labels(self.tasks)
        self._branch = {branch.task: branch for branch in matrix.branches}
        self._pairs = {frozenset((pair.a, pair.b)): pair for pair in matrix.pairs}
        self._base = {verdict.task: verdict for verdict in matrix.against_base}
        self._cells: dict[tuple[int, int], Meeting | None] = {}
        self.collisions = self._collisions()
        """Every meeting that conflicts, the most files first."""

    def branch(self, task: str) -> BranchState:
        """Return the state of a task's branch."""
        return self._branch[task]

    def find(self, task: str) -> BranchState | None:
        """Return the state of a task's branch, or None when it has none here."""
        return self._branch.get(task)

    def label(self, task: str) -> str:
        """Return the short label of a task, or its key when it has no branch here."""
        if task in self._branch:
            return self.labels[self.tasks.index(task)]
        return task

    def short(self, key: str) -> str:
        """Return the short label that a task would have, whether it has a branch or not."""
        return self.label(key) if key in self._branch else short_labels((*self.tasks, key))[-1]

    def meeting(self, row: int, column: int) -> Meeting | None:
        """Return who meets in a cell, or None on the diagonal; painting asks for it again."""
        if (row, column) not in self._cells:
            self._cells[row, column] = self._meeting(row, column)
        return self._cells[row, column]

    def _meeting(self, row: int, column: int) -> Meeting | None:
        task = self.tasks[row]
        if column == len(self.tasks):
            return self.with_base(task)
        if row == column:
            return None
        return self.between(task, self.tasks[column])

    def place(self, pair: tuple[str, str | None]) -> tuple[int, int] | None:
        """Return row and column of a pair, or None when a branch of it is gone."""
        a, b = pair
        if a not in self._branch or (b is not None and b not in self._branch):
            return None
        column = len(self.tasks) if b is None else self.tasks.index(b)
        return self.tasks.index(a), column

    def between(self, a: str, b: str) -> Meeting:
        """Return the meeting of two tasks, in the order in which git was asked."""
        verdict = self._pairs.get(frozenset((a, b)))
        if verdict is None:
            return Meeting(a, b, with_base=False, conflict=False, problem=self._why_unknown(a, b))
        return self._of_pair(verdict)

    def with_base(self, task: str) -> Meeting:
        """Return the meeting of a task and the base."""
        verdict = self._base.get(task)
        if verdict is None:
            problem = self._why_unknown(task)
            return Meeting(task, self.base, with_base=True, conflict=False, problem=problem)
        files = verdict.details or tuple(ConflictedFile(path, CONTENTS) for path in verdict.files)
        return Meeting(task, self.base, with_base=True, conflict=verdict.conflict, files=files)

    def met_by(self, task: str) -> tuple[Meeting, ...]:
        """Return the conflicts of one task, the most files first."""
        return tuple(m for m in self.collisions if task in {m.a, m.b_task})

    def is_stacked(self, a: str, b: str) -> bool:
        """Whether one of the two holds unlanded commits of the other."""
        return b in self._branch[a].depends_on or a in self._branch[b].depends_on

    def shows_the_same(self, other: "MatrixFacts") -> bool:
        """Whether nothing that is shown differs; the time that it took does not count."""
        return _shown(self.matrix) == _shown(other.matrix)

    def _of_pair(self, verdict: PairVerdict) -> Meeting:
        at_base = {task: self._at_base(task) for task in (verdict.a, verdict.b)}
        known = {file.path for file in verdict.files}
        first = {path for path in verdict.overlap if path not in known}
        return Meeting(
            verdict.a,
            verdict.b,
            with_base=False,
            conflict=verdict.conflict,
            files=verdict.files,
            overlap=verdict.overlap,
            first=tuple(sorted(first & (at_base[verdict.a] | at_base[verdict.b]))),
            first_by=tuple(task for task, paths in at_base.items() if first & paths),
        )

    def _at_base(self, task: str) -> frozenset[str]:
        """Return the files in which a task collides with the base."""
        verdict = self._base.get(task)
        return frozenset(verdict.files) if verdict is not None else frozenset()

    def _collisions(self) -> tuple[Meeting, ...]:
        found = [self.between(pair.a, pair.b) for pair in self.matrix.pairs if pair.conflict]
        found += [self.with_base(one.task) for one in self.matrix.against_base if one.conflict]
        return tuple(sorted(found, key=lambda meeting: -meeting.count))

    def _why_unknown(self, *tasks: str) -> str:
        problems = (self._branch[task].problem for task in tasks)
        return next((problem for problem in problems if problem), "This pair was not looked at.")


def _shown(matrix: ConflictMatrix) -> tuple[object, ...]:
    return (
        matrix.base,
        matrix.base_sha,
        matrix.mode,
        matrix.branches,
        matrix.against_base,
        matrix.pairs,
        matrix.hot_files,
    )


@dataclass(frozen=True, slots=True)
class BoardFacts:
    """What the board adds: titles, whose work it is, whether its agent still works."""

    tasks: Mapping[str, Task] = field(default_factory=dict)
    humans: frozenset[str] = frozenset()
    running: frozenset[str] = frozenset()
    warnings: tuple[TaskWarning, ...] = ()
    """What worktrees changed past a declaration or a lock."""

    @classmethod
    def of(cls, board: BoardView) -> "BoardFacts":
        """Take from the board what this view shows of it."""
        return cls(
            {task.key: task for task in board.tasks},
            frozenset(one.name for one in board.workers if one.type is WorkerType.HUMAN),
            frozenset(run.task for run in board.runs if run.status in LIVE),
            board.warnings,
        )

    def warned(self, task: str, other: str | None = None) -> tuple[TaskWarning, ...]:
        """Return what is told of *task*, or only of it and *other*, on either side."""
        if other is None:
            return tuple(one for one in self.warnings if one.task == task)
        pair = {task, other}
        return tuple(one for one in self.warnings if {one.task, one.other} == pair)

    def title(self, key: str) -> str:
        """Return a task's title, or empty when the board does not know it."""
        task = self.tasks.get(key)
        return task.title if task else ""

    def depends_on(self, key: str) -> tuple[str, ...]:
        """Return the declared dependencies of a task."""
        task = self.tasks.get(key)
        return task.depends_on if task else ()

    def in_review(self, key: str) -> bool:
        """Whether the task waits to land."""
        task = self.tasks.get(key)
        return task is not None and task.status is TaskStatus.REVIEW
