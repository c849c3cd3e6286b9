"""Records as the engine would hand them out: a board with collisions, and what they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from core.domain.conflict import (
    AgainstBase,
    BranchState,
    ConflictedFile,
    ConflictMatrix,
    FileSides,
    HotFile,
    Hunk,
    HunkText,
    LandingMode,
    PairVerdict,
)
from core.domain.overview import BoardView
from core.domain.prediction import Meeting
from core.domain.repo import Repo, WorktreeLayout
from core.domain.resolution import Brought, Dispute, DisputedFile
from core.domain.run import Run, RunStatus
from core.domain.task import Priority, Task, TaskStatus
from core.domain.worker import Worker, WorkerStatus, WorkerType

NOW = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)
TOTALS = "src/cart/totals.py"
VIEW = "src/cart/view.py"
GONE = "tests/test_cart.py"
IMAGES = "assets/images.json"

HUNKS = (Hunk((40, 3), (40, 2), (40, 2)), Hunk((61, 1), (60, 1), (60, 1)))
PAIR_FILES = (
    ConflictedFile(TOTALS, "contents", HUNKS),
    ConflictedFile(VIEW, "contents", (Hunk((5, 2), (5, 2), (5, 2)),)),
    ConflictedFile(GONE, "modify/delete"),
)


def branch(
    key: str,
    worker: str = "agent-claude-1",
    *,
    dirty: bool = False,
    depends_on: tuple[str, ...] = (),
    resolving: bool = False,
    problem: str = "",
) -> BranchState:
    name = f"worker/{worker}/{key}"
    head = f"{abs(hash(key)):040x}"[:40]
    return BranchState(
        key, worker, name, head, dirty, (TOTALS,), depends_on, head, resolving, problem
    )


def pair(
    a: str, b: str, files: tuple[ConflictedFile, ...] = (), overlap: tuple[str, ...] = ()
) -> PairVerdict:
    both = overlap or tuple(file.path for file in files)
    return PairVerdict(a, b, bool(files), both, files)


def matrix(
    branches: tuple[BranchState, ...],
    pairs: tuple[PairVerdict, ...],
    *,
    base_files: dict[str, tuple[ConflictedFile, ...]] | None = None,
    hot: tuple[HotFile, ...] = (),
    cached: bool = False,
) -> ConflictMatrix:
    given = {frozenset((one.a, one.b)): one for one in pairs}
    keys = [one.task for one in branches if not one.problem]
    full = tuple(
        given.get(frozenset((a, b)), pair(a, b)) for i, a in enumerate(keys) for b in keys[i + 1 :]
    )
    against = base_files or {}
    verdicts = tuple(
        AgainstBase(key, key in against, tuple(f.path for f in files), files)
        for key in keys
        for files in (against.get(key, ()),)
    )
    return ConflictMatrix(
        "main",
        "8f21c0e4b1a2c3d4e5f60718293a4b5c6d7e8f90",
        LandingMode.MERGE,
        branches,
        verdicts,
        full,
        hot,
        22.4,
        8.6,
        cached,
    )


def storefront() -> ConflictMatrix:
    """Seven branches; issue-4 and issue-5 collide in three files, issue-9 with the base."""
    branches = (
        branch("issue-3"),
        branch("issue-4"),
        branch("issue-5", "human-ana", dirty=True),
        branch("issue-6", "agent-codex-1"),
        branch("issue-7", "agent-codex-1"),
        branch("issue-9", "agent-gemini-1"),
        branch("issue-10", "agent-codex-1", depends_on=("issue-7",)),
    )
    one = (ConflictedFile(IMAGES, "contents", (Hunk((3, 1), (3, 1), (3, 1)),)),)
    two = (*one, ConflictedFile("assets/logo.png", "binary"))
    return matrix(
        branches,
        (
            pair("issue-4", "issue-5", PAIR_FILES),
            pair("issue-5", "issue-9", two),
            pair("issue-7", "issue-10", one),
            pair("issue-3", "issue-6", overlap=("README.md",)),
        ),
        base_files={"issue-9": one},
        hot=(
            HotFile(TOTALS, ("issue-4", "issue-5")),
            HotFile(VIEW, ("issue-4", "issue-5")),
            HotFile(IMAGES, ("issue-5", "issue-9")),
        ),
    )


def all_clean() -> ConflictMatrix:
    return matrix((branch("issue-3"), branch("issue-4"), branch("issue-5")), ())


def no_branches() -> ConflictMatrix:
    return matrix((), ())


def many(count: int) -> ConflictMatrix:
    """As many branches, the one or other of which collides, is resolving or cannot be read."""
    branches = tuple(
        branch(
            f"task-{n}",
            resolving=n == 7,
            problem="Its worktree is gone." if n == 9 else "",
            depends_on=(f"task-{n - 1}",) if n % 13 == 0 else (),
        )
        for n in range(1, count + 1)
    )
    pairs = []
    for n in range(1, count + 1):
        for m in range(n + 1, count + 1):
            weight = (n * 7 + m * 13) % 37
            if weight < 4 and 9 not in (n, m):
                files = tuple(
                    ConflictedFile(f"src/module_{n}_{i}.py", "contents", (Hunk((1, 2), (1, 2)),))
                    for i in range(weight + 1)
                )
                pairs.append(pair(f"task-{n}", f"task-{m}", files))
    hot = tuple(HotFile(f"src/module_{n}_0.py", ("task-1", "task-2")) for n in range(9))
    return matrix(branches, tuple(pairs), hot=hot)


def sides(path: str = TOTALS) -> FileSides:
    """Both versions of the file that issue-4 and issue-5 rewrote."""
    if path == GONE:
        return FileSides(
            GONE, "modify/delete", "def test_total():\n    assert total([]) == 0\n", None, ()
        )
    head = [f"# line {n}" for n in range(1, 38)]
    start = [*head, "def total(cart):", '    """Sum of all lines."""']
    a_one = (
        "    subtotal = sum(l.net for l in cart)",
        "    discount = rules.best(cart)",
        "    return Money(subtotal - discount)",
    )
    b_one = ("    lines = cart.visible_lines()", "    return Money(lines.gross())")
    between = ["", "def tax(cart):", *(f"    step_{n}()" for n in range(16))]
    a_two, b_two = ("    return cart.net * RATE",), ("    return cart.gross - cart.net",)
    end = ["", "def rounded(money):", "    return money.round()"]
    a_text = "\n".join([*start, *a_one, *between, *a_two, *end, ""])
    b_text = "\n".join([*start, *b_one, *between, *b_two, *end, ""])
    hunks = (
        HunkText(HUNKS[0], a_one, b_one, ("    return sum(cart)", "")),
        HunkText(HUNKS[1], a_two, b_two, ("    return 0",)),
    )
    return FileSides(path, "contents", a_text, b_text, hunks)


AHEAD = Meeting("issue-12", "issue-4", TOTALS, 0.81, 1, "it is declared", under_way=True)


def dispute(key: str = "issue-4", other: str | None = "issue-5") -> Dispute:
    """What is to be decided of the same file, and of the one that one side deleted."""
    files = (
        DisputedFile(TOTALS, "contents", sides().hunks, left=True, right=True),
        DisputedFile(
            GONE, "modify/delete", (), left=True, right=False, note="Take it or leave it."
        ),
    )
    note = f"{key} will be built on {other}, and land after it." if other else ""
    heads = "a" * 40, "b" * 40
    return Dispute(
        key, f"worker/agent-claude-1/{key}", heads[0], other or "", heads[1], "main", "c" * 40,
        files, note,
    )  # fmt: skip


def taken_back(key: str, what: str = "main") -> Brought:
    """The way back of `brought`."""
    came = brought(key, what)
    return replace(came, before=came.after, after=came.before, taken_back=True)


def brought(key: str, what: str = "main") -> Brought:
    branch_name = f"worker/agent-claude-1/{key}"
    return Brought(key, branch_name, what, "a" * 40, "d" * 40, (TOTALS, GONE))


def task(key: str, title: str, status: TaskStatus, worker: str | None) -> Task:
    return Task(
        key=key,
        repo="/src/storefront",
        title=title,
        description="",
        status=status,
        priority=Priority.MEDIUM,
        skills=(),
        files=(),
        depends_on=(),
        estimate_minutes=None,
        issue_number=None,
        worker=worker,
        branch=f"worker/{worker}/{key}" if worker else None,
        worktree=None,
        claimed_at=NOW,
        started_at=NOW,
        completed_at=None,
        attempts=1,
        escalated=False,
        last_error=None,
        needs_approval=False,
        approved_by=None,
        position=0,
        base_sha=None,
        landed_commit=None,
    )


TASKS = (
    task("issue-3", "Session expiry on all devices", TaskStatus.REVIEW, "agent-claude-1"),
    task("issue-4", "Cart totals as one service", TaskStatus.IN_PROGRESS, "agent-claude-1"),
    task("issue-5", "Checkout form in one step", TaskStatus.IN_PROGRESS, "human-ana"),
    task("issue-6", "Faster product search", TaskStatus.REVIEW, "agent-codex-1"),
    task("issue-7", "Validate addresses", TaskStatus.IN_PROGRESS, "agent-codex-1"),
    task("issue-9", "Product image cache", TaskStatus.IN_PROGRESS, "agent-gemini-1"),
    task("issue-10", "Rate-limit the search endpoint", TaskStatus.CLAIMED, "agent-codex-1"),
    task("issue-12", "Retry failed webhooks", TaskStatus.BACKLOG, None),
)


def worker(name: str, kind: WorkerType) -> Worker:
    return Worker(name, kind, WorkerStatus.BUSY, (), None, None, NOW, NOW)


def live_run(task_key: str, worker_name: str) -> Run:
    return Run(
        id="run-1",
        task=task_key,
        worker=worker_name,
        agent="quick",
        stage="work",
        status=RunStatus.WORKING,
        pid=None,
        runner_pid=None,
        started_at=NOW,
        ended_at=None,
        exit_code=None,
        session=None,
        input_tokens=None,
        output_tokens=None,
        cost_usd=None,
        last_message="",
        transcript="",
        heartbeat_at=NOW,
        reason="",
    )


def board(tasks: tuple[Task, ...] = TASKS) -> BoardView:
    workers = (
        worker("agent-claude-1", WorkerType.AGENT),
        worker("agent-codex-1", WorkerType.AGENT),
        worker("agent-gemini-1", WorkerType.AGENT),
        worker("human-ana", WorkerType.HUMAN),
    )
    repo = Repo(
        1, "storefront", Path("/src/storefront"), Path("/src/storefront/.git"), "main",
        WorktreeLayout.SIBLING,
    )  # fmt: skip
    runs = (live_run("issue-4", "agent-claude-1"),)
    return BoardView(repo, tasks, workers, runs, (), 0, 3, 11_000)
