"""One process's view of Weft: the database, the chosen repository, its settings, the clock."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from core.clock import Clock, SystemClock
from core.domain.repo import Repo, WorktreeLayout
from core.domain.task import TaskStatus
from core.errors import EnvironmentFault, UserError
from core.git.command import GitPlace, run_git_now
from core.git.locate import locate_now
from core.paths import database_file, user_settings_file
from core.queue.budgets import day_spent, tasks_spent
from core.queue.eligibility import Limits, Rules
from core.settings.layers import (
    Layer,
    Settings,
    digest,
    environment_layer,
    merge_layers,
    read_layer,
)
from core.store.connection import open_database
from core.store.schema import RepoRow, TrustRow
from core.tasks.records import ApprovalRules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

REPO_SETTINGS = ".weft.toml"


class NoRepo(UserError):
    """An operation needs a registered repository and there is none."""

    code = "no_repo"


class Engine:
    """What every operation gets first.

    Lives on one thread: the command line's main thread or the window's engine thread.

    Attributes:
        clock: Tells the time.
        actor: Who acts, in events: `person`, or a worker's name.
    """

    def __init__(
        self, repo: Repo | None, *, clock: Clock | None = None, actor: str = "person"
    ) -> None:
        self._repo = repo
        self.clock: Clock = clock or SystemClock()
        self.actor = actor
        self._layer: tuple[object, Layer | None] | None = None
        self._base: tuple[object, str] | None = None
        self._settings: Settings | None = None

    @property
    def has_repo(self) -> bool:
        """Return whether a repository is chosen."""
        return self._repo is not None

    @property
    def repo(self) -> Repo:
        """Return the chosen repository, its base as the settings have it.

        Raises:
            NoRepo: None is chosen.
        """
        if self._repo is None:
            raise NoRepo(
                "This repository is not registered with Weft.", hint="Register it: weft init"
            )
        return self._repo

    @property
    def place(self) -> GitPlace:
        """Return where the repository's refs and objects are."""
        return GitPlace(self.repo.git_dir)

    def now(self) -> datetime:
        """Return the current time, aware UTC."""
        return self.clock.now()

    def choose(self, repo: Repo | None) -> None:
        """Make *repo* the one that operations work in."""
        self._repo = repo
        self._layer = self._base = None

    @contextmanager
    def one_look(self) -> Iterator[None]:
        """Have everything inside go by the settings as they are now; nothing inside may wait.

        Each look at them reads files, some 1 ms; who asks twenty times for one decision looks
        once.
        """
        outer, self._settings = self._settings, self._settings or self.settings()
        try:
            yield
        finally:
            self._settings = outer

    def base_commit(self, read: Callable[[], str]) -> str:
        """Return what *read* told of the base, anew whenever a ref of it may have moved."""
        stamp = _ref_stamp(self.repo)
        if self._base is None or self._base[0] != stamp:
            self._base = (stamp, read())
        return self._base[1]

    def settings(self) -> Settings:
        """Return the merged settings of repository, person and environment.

        The repository's file is read from the base branch's commit, so that no branch changes
        its own rules; what could run something counts only while its digest is trusted.

        Raises:
            SettingsError: A file or variable that cannot be taken.
        """
        if self._settings is not None:
            return self._settings
        layer = self.repo_layer() if self.has_repo else None
        trusted = layer is not None and self.is_trusted(layer)
        return merge_layers(layer, person_layer(), environment_layer(os.environ), trusted=trusted)

    def repo_layer(self) -> Layer | None:
        """Return the repository's own layer as the base branch holds it, or None."""
        stamp = _ref_stamp(self.repo)
        if self._layer is None or self._layer[0] != stamp:
            self._layer = (stamp, self._read_repo_layer())
        return self._layer[1]

    def _read_repo_layer(self) -> Layer | None:
        listed = run_git_now(
            self.place,
            *("ls-tree", "-z", "--full-tree", self.repo.base_ref, "--", REPO_SETTINGS),
            ok=(0, 128),
        )
        entry = listed.stdout.partition(b"\t")[0].split()
        if len(entry) != 3 or entry[1] != b"blob":
            return None
        text = run_git_now(self.place, "cat-file", "blob", entry[2].decode()).stdout
        return read_layer(text.decode("utf-8", "replace"), source=REPO_SETTINGS, of_repo=True)

    def is_trusted(self, layer: Layer) -> bool:
        """Return whether a person has allowed exactly what *layer* would run."""
        row = TrustRow.get_or_none(TrustRow.repo == self.repo.id)
        return row is not None and row.digest == digest(layer)

    def is_repo_trusted(self) -> bool:
        """Return whether the repository has settings of its own that a person has allowed."""
        layer = self.repo_layer()
        return layer is not None and self.is_trusted(layer)

    def allowed_drivers(self) -> tuple[tuple[str, str], ...]:
        """Return the external merge drivers that a person has allowed: key and command."""
        row = TrustRow.get_or_none(TrustRow.repo == self.repo.id)
        return tuple((key, value) for key, value in json.loads(row.drivers)) if row else ()

    def merge_repo(self) -> Repo:
        """Return the repository for whatever merges: with the drivers that may run."""
        return replace(self.repo, drivers=self.allowed_drivers())

    def approval(self) -> ApprovalRules:
        """Return who must approve what here."""
        settings = self.settings()
        return ApprovalRules(
            guardians=settings.lines("guardians"),
            critical_files=settings.lines("critical_files"),
            before_merge=settings.text("approve_before") == "merge",
        )

    def rules(self) -> Rules:
        """Return what holds a task back here."""
        settings = self.settings()
        return Rules(
            overlap=settings.text("overlap"),
            satisfied_by=TaskStatus(settings.text("dependency_satisfied_by")),
            max_attempts=settings.whole("max_attempts"),
            approve_before=settings.text("approve_before"),
            critical_files=settings.lines("critical_files"),
        )

    def limits(self) -> Limits:
        """Return how much may be under way here at once, and which budgets are spent."""
        settings = self.settings()
        day_usd = settings.number("budget_day_usd")
        return Limits(
            wip_under_way=settings.whole("wip_under_way"),
            wip_review=settings.whole("wip_review"),
            wip_worker=settings.whole("wip_worker"),
            budget=day_spent(self.repo, day_usd, now=self.now()),
            budgets=tasks_spent(self.repo, settings.number("budget_task_usd")),
        )

    def stale_after(self) -> timedelta:
        """Return after how long a silent worker counts as offline."""
        return timedelta(minutes=self.settings().number("stale_after_minutes"))

    def lease(self) -> timedelta:
        """Return how long an agent's claim holds without a sign of life."""
        return timedelta(minutes=self.settings().number("lease_minutes"))


def _ref_stamp(repo: Repo) -> object:
    """Return what changes whenever the base moves: git replaces one of these files then.

    It spares two git processes each time that something asks for a setting.
    """
    stamp: list[tuple[int, int, int] | None] = []
    for name in (repo.base_ref, "packed-refs", "reftable/tables.list"):
        try:
            found = (repo.git_dir / name).stat()
        except OSError:
            stamp.append(None)
        else:
            stamp.append((found.st_mtime_ns, found.st_ino, found.st_size))
    return (repo.git_dir, repo.base_ref, *stamp)


def person_layer() -> Layer:
    """Return the person's own settings; an absent file sets nothing.

    Raises:
        SettingsError: The file cannot be taken.
        EnvironmentFault: It cannot be read.
    """
    file = user_settings_file()
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Layer(str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise EnvironmentFault(f"The settings file {file} cannot be read: {error}.") from error
    return read_layer(text, source=str(file))


def open_engine(
    folder: Path | None, *, actor: str = "person", clock: Clock | None = None
) -> Engine:
    """Open the database and choose the registered repository of *folder*.

    A folder that is in no repository, or in one that is not registered, gives an engine without
    a repository; operations that need one then say so. None chooses none.

    Raises:
        NotARepo: *folder* is in no repository that can be used.
        EnvironmentFault: The database cannot be opened, git is missing or too old.
    """
    open_database(database_file())
    repo = None
    if folder is not None:
        repo = registered(locate_now(folder).main)
    return Engine(repo, clock=clock, actor=actor)


def registered(main: Path) -> Repo | None:
    """Return the registered repository whose main checkout is *main*, or None."""
    row = RepoRow.get_or_none(RepoRow.path == str(main))
    return None if row is None else repo_record(row)


def repo_record(row: RepoRow) -> Repo:
    """Turn a row into a record; a base that the person's settings name wins over the found one."""
    repo = Repo(
        id=row.id,
        name=row.name,
        path=Path(row.path),
        git_dir=Path(row.git_dir),
        base=row.base,
        layout=WorktreeLayout(row.layout),
    )
    named = person_layer().values.get("base") or os.environ.get("WEFT_BASE")
    return replace(repo, base=str(named)) if named else repo
