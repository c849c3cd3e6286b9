"""What each plain command answers, to people and to programs."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.interfaces.cli.conftest import Cli
    from tests.scenarios import Repo

TASK_FIELDS = {
    *("key", "repo", "title", "description", "status", "priority", "skills", "files"),
    *("depends_on", "estimate_minutes", "issue_number", "worker", "branch", "worktree"),
    *("claimed_at", "started_at", "completed_at", "attempts", "escalated", "last_error"),
    *("needs_approval", "approved_by"),
}
WORKER_FIELDS = {
    *("name", "type", "status", "skills", "agent", "task", "last_heartbeat", "registered_at"),
}


def test_init_says_what_it_registered_and_may_be_repeated(cli: Cli, repo: Repo) -> None:
    first = cli("init", str(repo.path))
    again = cli.json("init", str(repo.path), "--worktrees", "inside")

    assert str(repo.path) in first.out
    assert "base main" in first.out
    assert again["layout"] == "inside"


def test_adding_a_task_prints_its_key_alone(weft: Cli) -> None:
    answer = weft("task", "add", "Say hello")

    assert answer.out == "task-1\n"
    assert answer.err == ""


def test_a_task_has_the_fields_of_the_contract_and_what_was_given(weft: Cli, repo: Repo) -> None:
    weft("task", "add", "First")
    options = ("--priority", "high", "--file", "a.txt", "--depends", "task-1", "--skill", "sql")
    task = weft.json("task", "add", "Größe", *options, "--estimate", "1.5h", "--issue", "7")

    assert set(task) >= TASK_FIELDS
    assert task["repo"] == str(repo.path)
    assert (task["title"], task["priority"], task["estimate_minutes"]) == ("Größe", "high", 90)
    assert (task["files"], task["depends_on"], task["skills"]) == (["a.txt"], ["task-1"], ["sql"])
    assert task["issue_number"] == 7


def test_a_description_of_dash_is_read_from_standard_input(
    weft: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("line one\nline two\n"))

    task = weft.json("task", "add", "Say hello", "--description", "-")

    assert task["description"] == "line one\nline two"


def test_a_value_may_begin_with_a_dash(weft: Cli) -> None:
    task = weft.json("task", "add", "Say hello", "--description", "- first\n- second")

    assert task["description"] == "- first\n- second"


def test_the_list_on_a_pipe_has_one_line_for_each_task(weft: Cli) -> None:
    weft("task", "add", "First", "--priority", "low")
    weft("task", "add", "Second", "--depends", "task-1")

    assert weft("task", "list").rows == [
        ["task-1", "backlog", "low", "-", "First"],
        ["task-2", "backlog", "medium", "-", "Second"],
    ]
    assert [task["key"] for task in weft.json("task", "list", "--available")] == ["task-1"]
    assert weft.json("task", "list", "--status", "review", "--status", "done") == []


def test_an_empty_list_is_told_beside_the_answer(weft: Cli) -> None:
    answer = weft("task", "list")

    assert answer.out == ""
    assert "weft task add" in answer.err
    assert weft("task", "list", "--json").out == "[]\n"


def test_show_tells_why_a_task_waits(weft: Cli) -> None:
    weft("task", "add", "First")
    weft("task", "add", "Second", "--depends", "task-1", "--description", "in\ndetail")

    told = weft("task", "show", "task-2").out
    task = weft.json("task", "show", "task-2")

    assert "depends on  task-1\n" in told
    assert "\nin\ndetail\n" in told
    assert set(task) >= TASK_FIELDS
    assert task["runs"] == []
    assert any("task-1" in reason for reason in task["waiting"])
    assert task["waiting"][0] in told


def test_editing_changes_what_is_named_and_clears_what_is_asked(weft: Cli) -> None:
    weft("task", "add", "First", "--file", "a.txt", "--skill", "sql")

    task = weft.json("task", "edit", "task-1", "--title", "New", "--clear", "file")

    assert (task["title"], task["files"], task["skills"]) == ("New", [], ["sql"])


def test_removing_says_what_is_gone(weft: Cli) -> None:
    weft("task", "add", "First")

    assert weft("task", "remove", "task-1").out == "task-1 removed: First\n"
    assert weft.json("task", "list") == []


def test_an_import_tells_for_each_entry_what_became_of_it(weft: Cli, tmp_path: Path) -> None:
    listing = tmp_path / "todo.md"
    listing.write_text("# Plan\n- [ ] First (high)\n- [x] Old\n- [ ] Next after: nope\n", "utf-8")

    answer = weft("task", "import", str(listing))

    assert answer.rows[0][:3] == ["2", "task-1", "First (high)"]
    assert answer.rows[1][1] == "not taken"
    assert "without dependencies" in answer.rows[2][3]
    assert "2 tasks taken, 1 not." in answer.err


@pytest.mark.parametrize("text", ["- [ ] From a pipe\n", '[{"title": "From a pipe"}]'])
def test_an_import_of_dash_reads_standard_input(
    weft: Cli, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))

    report = weft.json("task", "import", "-")

    assert [entry["key"] for entry in report["lines"]] == ["task-1"]


def test_an_import_that_takes_nothing_fails(weft: Cli, tmp_path: Path) -> None:
    listing = tmp_path / "todo.md"
    listing.write_text("- [x] Old\n", "utf-8")

    assert "0 tasks taken" in weft("task", "import", str(listing), status=1).err


def test_approval_by_a_guardian_is_told(weft: Cli, weft_home: Path) -> None:
    (weft_home / "config.toml").write_text('guardians = ["human-ana"]\n', "utf-8")
    weft("worker", "add", "human-ana", "--type", "human")
    weft("task", "add", "Careful", "--priority", "critical")
    assert weft.json("task", "show", "task-1")["needs_approval"] is True

    answer = weft("task", "approve", "task-1", "--by", "human-ana")

    assert answer.out == "task-1 approved by human-ana\n"


def test_workers_are_listed_with_the_fields_of_the_contract(weft: Cli) -> None:
    weft("worker", "add", "human-ana", "--type", "human", "--skill", "sql")

    assert weft("worker", "list").rows == [
        ["human-ana", "human", "available", "-", "-", "sql"]
    ]  # fmt: skip
    (worker,) = weft.json("worker", "list")
    assert set(worker) >= WORKER_FIELDS
    assert "human-ana is available" in weft("worker", "heartbeat", "human-ana").out
    assert weft("worker", "remove", "human-ana").out == "human-ana removed\n"


def test_a_person_goes_from_claim_to_review(weft: Cli) -> None:
    weft("task", "add", "First")
    weft("worker", "add", "human-ana", "--type", "human")

    claim = weft("claim", "--worker", "human-ana").out
    task = weft.json("task", "show", "task-1")

    assert claim.startswith("task-1 claimed by human-ana\n")
    assert f"branch    {task['branch']}\n" in claim
    assert f"worktree  {task['worktree']}\n" in claim
    assert Path(task["worktree"]).is_dir()
    assert weft("start", "task-1").out == "task-1 is in progress (human-ana)\n"
    assert weft("done", "task-1", "--file", "b.txt").out == "task-1 is in review: b.txt\n"
    assert weft("task", "retry", "task-1").out == "task-1 is in backlog again\n"


def test_a_claim_as_json_has_the_fields_of_the_contract(weft: Cli) -> None:
    weft("task", "add", "First")
    weft("worker", "add", "human-ana", "--type", "human")

    claim = weft.json("claim", "task-1", "--worker", "human-ana")

    assert set(claim) >= {"task", "worker", "branch", "worktree", "base", "base_sha"}
    assert weft("release", "task-1").out.startswith("task-1 is in backlog; its work stays on ")


def test_the_status_counts_the_queue_and_tells_who_waits_for_what(weft: Cli) -> None:
    weft("task", "add", "First")
    weft("task", "add", "Second", "--depends", "task-1")
    weft("worker", "add", "human-ana", "--type", "human")

    told = weft("status").out
    status = weft.json("status")

    assert told.startswith("backlog 2   claimed 0   in_progress 0   review 0   done 0\n")
    assert set(status) >= {"workers", "runs", "queue", "waiting"}
    assert status["queue"]["backlog"] == 2
    (waiting,) = status["waiting"]
    assert waiting["task"] == "task-2"
    assert f"task-2\t{waiting['reasons'][0]}\n" in told


def test_events_go_on_after_the_id_that_was_seen(weft: Cli) -> None:
    weft("task", "add", "First")
    seen = weft.json("events")[-1]["id"]
    weft("task", "add", "Second")

    (event,) = weft.json("events", "--since", str(seen))

    assert set(event) >= {"id", "at", "kind", "repo", "task", "worker", "run", "actor", "data"}
    assert (event["kind"], event["task"]) == ("task.added", "task-2")
    assert event["at"].endswith("Z")
    assert weft("log", "task-2").rows[0][2:4] == ["task.added", "task-2"]


def test_the_shared_options_stand_before_or_after_the_command(
    weft: Cli, repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weft("task", "add", "First")
    monkeypatch.chdir(tmp_path)
    here = str(repo.path)

    answers = [
        weft("--repo", here, "--json", "task", "list"),
        weft("task", "--repo", here, "list", "--json"),
        weft("task", "list", "--json", "--repo", here),
    ]

    assert {answer.out for answer in answers} == {answers[0].out}
    assert answers[0].json[0]["key"] == "task-1"


def test_the_doctor_looks_outside_repositories_too(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    findings = cli.json("doctor")

    assert {"git", "database"} <= {finding["check"] for finding in findings}
    assert ["ok", "git"] in [row[:2] for row in cli("doctor").rows]


def test_a_line_of_json_holds_any_text(weft: Cli) -> None:
    weft("task", "add", "\x1b[31mred\x07 漢字")

    assert weft.json("task", "list")[0]["title"] == "\x1b[31mred\x07 漢字"
    assert weft("task", "list").rows[0][-1] == "\ufffd[31mred\ufffd 漢字"


class TestTrust:
    """What a repository's settings would run is shown in full before it counts."""

    @pytest.fixture
    def asking(self, weft: Cli, repo: Repo) -> Cli:
        repo.commit("settings", {".weft.toml": 'check = "make test"\nmax_workers = 2\n'})
        return weft

    def test_without_a_person_it_is_shown_and_refused(self, asking: Cli) -> None:
        answer = asking("trust", status=1)

        assert 'check  "make test"' in answer.out
        assert "not trusted" in answer.out
        assert "weft trust --yes" in answer.err

    def test_yes_trusts_and_revoke_takes_it_back(self, asking: Cli) -> None:
        assert asking.json("trust", "--yes")["trusted"] is True
        assert asking.json("trust")["trusted"] is True
        assert asking.json("trust", "--revoke")["trusted"] is False

    def test_a_refusal_as_json_is_one_object(self, asking: Cli) -> None:
        error = asking("trust", "--json", status=1)

        assert set(json.loads(error.out)) == {"error"}
