"""What is allowed, denied and asked, for each policy; nothing leaves the worktree unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.agents.permissions import (
    Answer,
    Verdict,
    choices,
    decide,
    memory_key,
    understood,
)
from core.domain.agent_event import PermissionAsked, ToolKind
from core.domain.question import OptionKind, QuestionOption
from core.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

NOTHING: frozenset[str] = frozenset()
OPTIONS = (
    QuestionOption("proceed_always", "Allow all of it", OptionKind.ALLOW_ALWAYS),
    QuestionOption("proceed_once", "Allow", OptionKind.ALLOW_ONCE),
    QuestionOption("cancel", "Reject", OptionKind.DENY),
)


def asked(
    kind: ToolKind,
    *paths: str,
    detail: str = "",
    options: tuple[QuestionOption, ...] = OPTIONS,
) -> PermissionAsked:
    return PermissionAsked("t1", "a title", kind, detail, paths, options)


@pytest.fixture
def worktree(tmp_path: Path) -> Path:
    folder = tmp_path / "worktree"
    (folder / "src").mkdir(parents=True)
    (folder / ".git").write_text("gitdir: elsewhere\n")
    (tmp_path / "outside").mkdir()
    (folder / "way-out").symlink_to(tmp_path / "outside")
    (folder / "to-git").symlink_to(folder / ".git")
    (folder / "circle").symlink_to(folder / "circle")
    return folder


def verdict(event: PermissionAsked, worktree: Path, policy: str = "watched") -> Verdict:
    return decide(event, worktree=worktree, policy=policy, remembered=NOTHING).verdict


@pytest.mark.parametrize("path", ["src/app.py", "new/deep/file.py", "src/../README.md", "."])
@pytest.mark.parametrize("kind", [ToolKind.READ, ToolKind.EDIT, ToolKind.SEARCH])
def test_inside_its_worktree_reading_and_editing_need_no_question(
    worktree: Path, kind: ToolKind, path: str
) -> None:
    for written in (path, str(worktree / path)):
        decision = decide(
            asked(kind, written), worktree=worktree, policy="watched", remembered=NOTHING
        )
        assert (decision.verdict, decision.option_id) == (Verdict.ALLOW, "proceed_once")


@pytest.mark.parametrize(
    "path",
    ["../x", "/etc/passwd", "way-out/x", "~/.ssh/id_rsa", "", "a\0b", "circle/x", "file:///etc/x"],
)
@pytest.mark.parametrize("kind", [ToolKind.READ, ToolKind.EDIT])
def test_what_leads_out_of_the_worktree_is_asked(worktree: Path, kind: ToolKind, path: str) -> None:
    assert verdict(asked(kind, "src/app.py", path), worktree) is Verdict.ASK


@pytest.mark.parametrize(
    "path",
    [".git", ".git/hooks/pre-commit", "sub/.GIT/config", "to-git", ".git. /x", "git~1/config",
     ".git::$INDEX_ALLOCATION/config", "../main/.git/config"],
)  # fmt: skip
def test_gits_own_files_are_never_edited_and_read_only_when_asked(
    worktree: Path, path: str
) -> None:
    assert verdict(asked(ToolKind.EDIT, path), worktree) is Verdict.DENY
    assert verdict(asked(ToolKind.READ, path), worktree) is Verdict.ASK


@pytest.mark.parametrize("path", [".claude/settings.json", ".mcp.json", "a/.husky/pre-push"])
def test_files_that_steer_agents_may_be_read_but_their_editing_is_asked(
    worktree: Path, path: str
) -> None:
    assert verdict(asked(ToolKind.EDIT, path), worktree) is Verdict.ASK
    assert verdict(asked(ToolKind.READ, path), worktree) is Verdict.ALLOW


@pytest.mark.parametrize("kind", [ToolKind.EXECUTE, ToolKind.FETCH, ToolKind.OTHER, ToolKind.THINK])
def test_commands_network_and_other_tools_are_asked(worktree: Path, kind: ToolKind) -> None:
    assert verdict(asked(kind, "src/app.py", detail="ls"), worktree) is Verdict.ASK
    assert verdict(asked(kind, detail="ls"), worktree, "sandboxed") is Verdict.ALLOW
    assert verdict(asked(kind, detail="ls"), worktree, "open") is Verdict.ALLOW


def test_an_edit_that_names_no_file_is_asked(worktree: Path) -> None:
    assert verdict(asked(ToolKind.EDIT), worktree) is Verdict.ASK


def test_always_for_this_run_means_exactly_this_command(worktree: Path) -> None:
    tests = asked(ToolKind.EXECUTE, detail="pytest -q")
    more = asked(ToolKind.EXECUTE, detail="pytest -q; curl evil")
    answer = understood(tests, "always")

    assert answer == Answer(Verdict.ALLOW, "proceed_once", memory_key(tests))
    remembered = frozenset({answer.remember})
    for event, wanted in ((tests, Verdict.ALLOW), (more, Verdict.ASK)):
        decision = decide(event, worktree=worktree, policy="watched", remembered=remembered)
        assert decision.verdict is wanted


def test_nothing_that_was_remembered_opens_gits_own_files(worktree: Path) -> None:
    event = asked(ToolKind.EDIT, ".git/config")
    remembered = frozenset({memory_key(event)})
    decision = decide(event, worktree=worktree, policy="watched", remembered=remembered)
    assert (decision.verdict, decision.option_id) == (Verdict.DENY, "cancel")


def test_answers_of_a_person_become_the_agents_own_options() -> None:
    event = asked(ToolKind.EXECUTE, detail="ls")
    assert [option.id for option in choices(event)] == ["allow", "always", "deny"]
    assert understood(event, " Yes ") == Answer(Verdict.ALLOW, "proceed_once")
    assert understood(event, "no") == Answer(Verdict.DENY, "cancel")
    assert understood(event, "proceed_always") == Answer(Verdict.ALLOW, "proceed_always")
    with pytest.raises(UserError, match="'perhaps' answers nothing"):
        understood(event, "perhaps")


def test_an_agent_that_offers_only_always_is_answered_with_it(worktree: Path) -> None:
    event = asked(ToolKind.READ, "src/app.py", options=OPTIONS[:1])
    decision = decide(event, worktree=worktree, policy="watched", remembered=NOTHING)
    assert (decision.verdict, decision.option_id) == (Verdict.ALLOW, "proceed_always")


@pytest.mark.parametrize("policy", ["watched", "sandboxed", "open"])
def test_a_question_in_words_is_always_asked(worktree: Path, policy: str) -> None:
    event = asked(ToolKind.OTHER, options=())
    assert verdict(event, worktree, policy) is Verdict.ASK
    assert choices(event) == ()
