"""Land one branch on top of a commit, in memory: merge, squash or replay.

The dry run and the real run call the same code; only who writes the commits differs. So the tree
that the dry run shows is the tree that lands.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from core.conflicts.hunks import parse_marked
from core.conflicts.twins import new_twins
from core.conflicts.verdicts import plain_path
from core.domain.plan import StepOutcome, Strategy
from core.git.commits import read_commits
from core.git.diff import line_counts
from core.git.merge_tree import CannotMerge, MergeOutcome, merge_trees
from core.git.objects import empty_tree, object_facts, read_blobs, trees_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.git.commits import Commit
    from core.git.quarantine import Quarantine
    from core.merging.branches import Branch

REPLAY_MOST: Final = 2000
"""Commits of one branch; a longer one is better merged or squashed."""


@dataclass(frozen=True, slots=True)
class Tip:
    """A commit that branches land on.

    Attributes:
        commit: The base, with what has landed so far.
        tree: Its tree.
        landed: Heads of the branches that landed since the base, in order.
    """

    commit: str
    tree: str
    landed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of landing one branch on a tip.

    Attributes:
        outcome: Whether it can land.
        tip: What the next branch lands on; the same one as before unless the outcome is clean.
        files: Changed paths when clean, conflicted paths when not.
        added: Lines that the base gains.
        removed: Lines that the base loses.
        hunks: Conflicting stretches; a conflict without text counts as one.
        reason: Why it is blocked, as a sentence part; else empty.
    """

    outcome: StepOutcome
    tip: Tip
    files: tuple[str, ...] = ()
    added: int = 0
    removed: int = 0
    hunks: int = 0
    reason: str = ""


class CommitWriter(Protocol):
    """Writes the commits of a landing: throw-away ones or real ones."""

    async def merge(self, branch: Branch, tree: str, tip: Tip) -> str:
        """Return a commit of *tree* with the tip and the branch's head as parents."""
        ...

    async def squash(self, branch: Branch, tree: str, tip: Tip) -> str:
        """Return a commit of *tree* with the tip as its parent."""
        ...

    async def replay(self, original: str, tree: str, parent: str) -> str:
        """Return commit *original* anew, with *tree*, on *parent*."""
        ...


@dataclass(frozen=True, slots=True)
class DryCommits:
    """Throw-away commits without a process; equal content gives equal ids."""

    held: Quarantine

    async def merge(self, branch: Branch, tree: str, tip: Tip) -> str:
        """Return a synthetic merge commit."""
        return self.held.write_commit(tree, [tip.commit, branch.head], "dry run")

    async def squash(self, branch: Branch, tree: str, tip: Tip) -> str:
        """Return a synthetic commit."""
        return self.held.write_commit(tree, [tip.commit], f"dry run of {branch.head}")

    async def replay(self, original: str, tree: str, parent: str) -> str:
        """Return a synthetic commit."""
        return self.held.write_commit(tree, [parent], f"dry run of {original}")


@dataclass(slots=True)
class Lander:
    """Tries to land branches in one strategy; remembers what it tried.

    Attributes:
        held: The quarantine, with the attributes of the base.
        strategy: How branches land.
        commits: Who writes the commits.
        contains: For each head those other heads that it is built on.
    """

    held: Quarantine
    strategy: Strategy
    commits: CommitWriter
    contains: Mapping[str, frozenset[str]] = field(default_factory=dict)
    _tried: dict[tuple[Tip, str], Attempt] = field(default_factory=dict)

    async def start(self, base: str) -> Tip:
        """Return the tip that is the base itself."""
        (tree,) = await trees_of(self.held.place, [base])
        return Tip(base, tree)

    async def attempt(self, tip: Tip, branch: Branch) -> Attempt:
        """Try to land *branch* on *tip*; no ref, index or worktree changes."""
        key = (tip, branch.head)
        if key not in self._tried:
            match self.strategy:
                case Strategy.MERGE:
                    self._tried[key] = await self._merge(tip, branch)
                case Strategy.SQUASH:
                    self._tried[key] = await self._squash(tip, branch)
                case Strategy.REBASE:
                    self._tried[key] = await self._rebase(tip, branch)
        return self._tried[key]

    async def _merge(self, tip: Tip, branch: Branch) -> Attempt:
        (merged,) = await merge_trees(self.held.place, [(tip.commit, branch.head)])
        refusal = await self._refusal(tip, merged, (tip.commit, branch.head))
        if refusal is not None:
            return refusal
        assert isinstance(merged, MergeOutcome)
        commit = await self.commits.merge(branch, merged.tree, tip)
        return await self._landed(tip, branch, Tip(commit, merged.tree))

    async def _squash(self, tip: Tip, branch: Branch) -> Attempt:
        below = self._landed_below(tip, branch)
        if below is None:
            pair = (tip.commit, branch.head)
        else:
            # Its own history still holds the unsquashed commits of the branch it is built on:
            # against the true merge base these would meet their squashed selves.
            base, theirs = await trees_of(self.held.place, [below, branch.head])
            pair = self._sides(base, tip.tree, theirs)
        (merged,) = await merge_trees(self.held.place, [pair])
        refusal = await self._refusal(tip, merged, pair)
        if refusal is not None:
            return refusal
        assert isinstance(merged, MergeOutcome)
        commit = await self.commits.squash(branch, merged.tree, tip)
        return await self._landed(tip, branch, Tip(commit, merged.tree))

    async def _rebase(self, tip: Tip, branch: Branch) -> Attempt:
        behind = (tip.commit, *tip.landed)
        commits = await read_commits(
            self.held.place, branch.head, without=behind, limit=REPLAY_MOST + 1
        )
        if len(commits) > REPLAY_MOST:
            return Attempt(
                StepOutcome.BLOCKED, tip, reason=f"more than {REPLAY_MOST} commits to replay"
            )
        now = tip
        for commit in reversed([one for one in commits if len(one.parents) < 2]):
            step = await self._replay(now, commit)
            if isinstance(step, Attempt):
                return Attempt(step.outcome, tip, step.files, hunks=step.hunks)
            now = step
        lost = await self._lost_in_merges(tip, now, branch, commits)
        if lost:
            return Attempt(StepOutcome.BLOCKED, tip, reason=lost)
        if now.tree == tip.tree:
            return Attempt(StepOutcome.EMPTY, tip)
        return await self._landed(tip, branch, now)

    async def _replay(self, now: Tip, commit: Commit) -> Tip | Attempt:
        """Return the tip with *commit* on it, unchanged if that adds nothing, or the conflict."""
        if commit.parents == (now.commit,):
            return Tip(commit.oid, commit.tree)  # it stands where it belongs, signature and all
        if commit.parents:
            (base,) = await trees_of(self.held.place, commit.parents)
        else:
            base = empty_tree(commit.tree)
        pair = self._sides(base, now.tree, commit.tree)
        (merged,) = await merge_trees(self.held.place, [pair])
        assert isinstance(merged, MergeOutcome)  # both sides have the same parent
        if not merged.is_clean:
            return await self._conflict(now, merged, pair)
        if merged.tree == now.tree:
            return now
        return Tip(await self.commits.replay(commit.oid, merged.tree, now.commit), merged.tree)

    async def _lost_in_merges(
        self, tip: Tip, replayed: Tip, branch: Branch, commits: tuple[Commit, ...]
    ) -> str:
        """Return why replaying would lose what was resolved in the branch's merge commits."""
        if all(len(commit.parents) < 2 for commit in commits):
            return ""
        (merged,) = await merge_trees(self.held.place, [(tip.commit, branch.head)])
        if isinstance(merged, MergeOutcome) and merged.is_clean and merged.tree == replayed.tree:
            return ""
        return "what its merge commits resolved would be lost: use merge or squash"

    def _landed_below(self, tip: Tip, branch: Branch) -> str | None:
        """Return the head, of those landed on *tip*, that *branch* is built on most closely."""
        inside = self.contains.get(branch.head, frozenset())
        return next((head for head in reversed(tip.landed) if head in inside), None)

    def _sides(self, base: str, ours: str, theirs: str) -> tuple[str, str]:
        """Return two commits that git will merge with the tree *base* as their ancestor.

        git 2.39 takes no merge base for merge-tree. Two synthetic commits with one synthetic
        parent have exactly that parent as their merge base, and a three-way merge looks at
        nothing but the three trees: so this is what cherry-pick computes.
        """
        parent = self.held.write_commit(base, [], "base")
        return (
            self.held.write_commit(ours, [parent], "ours"),
            self.held.write_commit(theirs, [parent], "theirs"),
        )

    async def _landed(self, tip: Tip, branch: Branch, after: Tip) -> Attempt:
        twins = await new_twins(self.held, tip.tree, after.tree)
        if twins:
            return Attempt(StepOutcome.CONFLICT, tip, twins, hunks=len(twins) - 1)
        counts = await line_counts(self.held.place, tip.tree, after.tree)
        return Attempt(
            StepOutcome.CLEAN,
            Tip(after.commit, after.tree, (*tip.landed, branch.head)),
            tuple(sorted(counts)),
            added=sum(count.added or 0 for count in counts.values()),
            removed=sum(count.removed or 0 for count in counts.values()),
        )

    async def _refusal(
        self, tip: Tip, merged: MergeOutcome | CannotMerge, pair: tuple[str, str]
    ) -> Attempt | None:
        """Return the attempt that ends here: not mergeable, in conflict, or nothing new."""
        if isinstance(merged, CannotMerge):
            return Attempt(StepOutcome.BLOCKED, tip, reason=f"git cannot merge it: {merged.reason}")
        if not merged.is_clean:
            return await self._conflict(tip, merged, pair)
        if merged.tree == tip.tree:
            return Attempt(StepOutcome.EMPTY, tip)
        return None

    async def _conflict(self, tip: Tip, merged: MergeOutcome, pair: tuple[str, str]) -> Attempt:
        hunks = await self._count_hunks(merged, pair)
        files = tuple(sorted({plain_path(path, pair) for path in merged.paths}))
        return Attempt(StepOutcome.CONFLICT, tip, files, hunks=hunks)

    async def _count_hunks(self, merged: MergeOutcome, pair: tuple[str, str]) -> int:
        paths = merged.paths
        facts = await object_facts(self.held.place, [f"{merged.tree}:{path}" for path in paths])
        oids = [fact.oid if fact and fact.kind == "blob" else None for fact in facts]
        blobs = await read_blobs(self.held.place, [oid for oid in oids if oid])
        count = 0
        for oid in oids:
            marked = blobs.get(oid) if oid else None
            count += max(1, len(parse_marked(marked, *pair).hunks) if marked else 0)
        return count
