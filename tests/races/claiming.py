"""A crowd of processes that claim and finish tasks of one board, some of them killed at random.

`python -m tests.races.claiming REPO_ID WORKER LATENCIES` is one of them: it claims the best task,
finishes it with its fence, and goes on until nothing is left; each claim's milliseconds go to the
file LATENCIES. With two numbers in their place, FIRST and EACH, it only claims, a task for each
of so many workers. The crowd's parent plays the leader: it gives back what lapsed.
"""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.clock import SystemClock
from core.dispatch.recovery import recover
from core.domain.repo import Repo, WorktreeLayout
from core.domain.task import NewTask
from core.domain.worker import WorkerType
from core.errors import EnvironmentFault, Refused
from core.paths import database_file
from core.queue.claims import ClaimTerms, claim_task, finish
from core.queue.eligibility import Rules
from core.store.connection import open_database
from core.store.plain import select
from core.store.schema import RepoRow
from core.store.transactions import transaction
from core.tasks.board import add_task
from core.tasks.records import NO_RULES
from core.workers.registry import add_worker
from tests.killing import KILL

if TYPE_CHECKING:
    from core.domain.task import Task
    from core.domain.worker import Worker

LEASE: Final = timedelta(seconds=2)
LOOK_S: Final = 0.5
"""How often the leader looks for what lapsed: four times as often as a real one."""
_ROOT: Final = Path(__file__).parents[2]


@dataclass(slots=True)
class Crowd:
    """What became of it.

    Attributes:
        seconds: From the first start until nothing was left.
        kills: Processes that were killed.
        latencies: Milliseconds of each claim that a process lived to write down.
        said: What the processes wrote to standard error: nothing, if all went well.
    """

    seconds: float = 0.0
    kills: int = 0
    latencies: list[float] = field(default_factory=list)
    said: str = ""

    def percentile(self, share: float) -> float:
        """Return the latency that *share* of the claims stayed below."""
        return sorted(self.latencies)[int(len(self.latencies) * share)]


def registered(tasks: int, workers: int, *, files: bool = False) -> Repo:
    """Make a board with so many tasks and agents; the database is open."""
    path = Path(database_file().parent / "shop")
    row = RepoRow.create(
        name="shop", path=str(path), git_dir=str(path / ".git"), base="main", layout="sibling",
        registered_ms=1,
    )  # fmt: skip
    repo = _repo(row.id, path)
    now = datetime.now(UTC)
    with transaction():
        for number in range(tasks):
            new = NewTask(f"Task {number}", files=(f"src/{number}.py",) if files else ())
            add_task(repo, new, now=now, actor="person")
        for number in range(workers):
            add_worker(repo, f"agent-{number}", WorkerType.AGENT, now=now, actor="person")
    return repo


def run_crowd(repo: Repo, folder: Path, *, workers: int, kill_every_s: float = 0.0) -> Crowd:
    """Let *workers* processes do every task, and kill one now and then."""
    crowd, dice = Crowd(), random.Random(7)
    started = time.perf_counter()
    files = [folder / f"latencies-{number}" for number in range(workers)]
    said = [(folder / f"said-{number}").open("wb") for number in range(workers)]

    def start(number: int) -> subprocess.Popen[bytes]:
        words = [sys.executable, "-m", "tests.races.claiming", str(repo.id), str(repo.path)]
        words += [f"agent-{number}", str(files[number])]
        return subprocess.Popen(words, cwd=_ROOT, stderr=said[number])

    processes = [start(number) for number in range(workers)]
    next_kill = time.perf_counter() + 2 * kill_every_s
    next_look = 0.0
    while _left(repo):
        if time.perf_counter() >= next_look:
            asyncio.run(recover(repo, clock=SystemClock(), max_attempts=1000))
            next_look = time.perf_counter() + LOOK_S
        if kill_every_s and time.perf_counter() >= next_kill:
            processes[dice.randrange(workers)].send_signal(KILL)
            crowd.kills += 1
            next_kill += kill_every_s
        for number, process in enumerate(processes):
            if process.poll() is not None and _left(repo):
                processes[number] = start(number)
        wait_a_little()
    crowd.seconds = time.perf_counter() - started
    for process in processes:
        process.wait()
    for file in said:
        file.close()
    crowd.said = "".join(Path(file.name).read_text() for file in said)
    crowd.latencies = [float(line) for file in files for line in file.read_text().split()]
    return crowd


def claims_a_second(repo: Repo, *, processes: int, each: int) -> float:
    """Return how many claims a second that many processes make, and nothing else meanwhile.

    Each process claims the best task for each of its *each* workers: agents 0 to `each - 1` for
    the first, and so on.
    """
    words = [sys.executable, "-m", "tests.races.claiming", str(repo.id), str(repo.path)]
    crowd = [
        subprocess.Popen(
            [*words, str(number * each), str(each)],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for number in range(processes)
    ]
    for process in crowd:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
    started = time.perf_counter()
    for process in crowd:
        assert process.stdin is not None
        process.stdin.close()
    for process in crowd:
        assert process.wait() == 0
        assert process.stdout is not None
        process.stdout.close()
    return processes * each / (time.perf_counter() - started)


def wait_a_little() -> None:
    """Let others go on before the next look."""
    time.sleep(0.05)


def done_counts(repo: Repo) -> list[int]:
    """Return how often each finished task went to review, as the trail has it."""
    rows = select(
        "SELECT count(*) FROM event WHERE repo_path = ? AND kind = 'task.review' GROUP BY task_key",
        str(repo.path),
    )
    return [count for (count,) in rows]


def _left(repo: Repo) -> bool:
    return bool(
        select("SELECT 1 FROM task WHERE repo_id = ? AND status <> 'review' LIMIT 1", repo.id)
    )


def _repo(number: int, path: Path) -> Repo:
    return Repo(number, "shop", path, path / ".git", "main", WorktreeLayout.SIBLING)


def _place(task: Task, worker: Worker) -> tuple[str, str]:
    return f"worker/{worker.name}/{task.key}", f"/nowhere/{worker.name}/{task.key}"


def _terms(lease: timedelta) -> ClaimTerms:
    return ClaimTerms(
        Rules(overlap="wait"), NO_RULES, lease, timedelta(minutes=2), "0" * 40, _place
    )


def _claim_for_each(repo: Repo, first: int, each: int) -> None:
    terms = _terms(timedelta(minutes=10))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()
    for number in range(first, first + each):
        worker = f"agent-{number}"
        claim_task(repo, None, worker, terms, now=datetime.now(UTC), actor=worker)


def _work(repo: Repo, worker: str, latencies: Path) -> None:
    terms = _terms(LEASE)
    with latencies.open("a", buffering=1) as out:
        while _left(repo):
            began = time.perf_counter()
            try:
                made = claim_task(repo, None, worker, terms, now=datetime.now(UTC), actor=worker)
            except Refused:
                wait_a_little()  # the rest is under way, or this name's lost claim has to lapse
                continue
            out.write(f"{(time.perf_counter() - began) * 1e3:.3f}\n")
            try:
                finish(repo, made.task, now=datetime.now(UTC), actor=worker, fence=made.fence)
            except Refused:
                continue  # too late: it was given back meanwhile


def main(argv: list[str]) -> None:
    """Be one of the crowd."""
    number, path, worker, latencies = argv
    open_database(database_file())
    repo = _repo(int(number), Path(path))
    try:
        if worker.isdecimal():
            _claim_for_each(repo, int(worker), int(latencies))
        else:
            _work(repo, worker, Path(latencies))
    except EnvironmentFault as fault:
        sys.stderr.write(f"{worker}: {fault}\n")
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
