"""The table of operations: what the window, the command line, MCP and HTTP can ask for."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from core.engine.operation import Operation, Param, ParamKind, Role
from core.engine.operations_agents import AGENTS
from core.engine.operations_dispatch import DISPATCH
from core.engine.operations_doors import DOORS
from core.engine.operations_figures import FIGURES
from core.engine.operations_locks import LOCKS
from core.engine.operations_permits import PERMITS
from core.engine.operations_prompt import PROMPTS
from core.engine.operations_talking import TALKING
from core.engine.operations_usage import USAGE

PRIORITIES: Final = ("critical", "high", "medium", "low")
STATUSES: Final = ("backlog", "claimed", "in_progress", "review", "done")
STRATEGIES: Final = ("merge", "squash", "rebase")

_KEY = Param("key", "Key of the task.", required=True, metavar="KEY")
_PRIORITY = Param(
    "priority", "How urgent it is.", ParamKind.CHOICE, "--priority", choices=PRIORITIES
)
_FILE = Param(
    "file", "File or glob that it will change.", flag="--file", many=True, metavar="PATH_OR_GLOB"
)
_DEPENDS = Param(
    "depends", "Task that must be done before.", flag="--depends", many=True, metavar="KEY"
)
_SKILL = Param("skill", "Skill that it asks for.", flag="--skill", many=True, metavar="SKILL")
_ESTIMATE = Param(
    "estimate", "How long it should take.", ParamKind.DURATION, "--estimate", metavar="45m"
)
_ISSUE = Param("issue", "Number of its issue.", ParamKind.INT, "--issue", metavar="N")
_DESCRIPTION = Param(
    "description", "What is to be done; - reads standard input.", flag="--description"
)
_TARGET = Param("target", "Task key or worker name.", metavar="KEY_OR_WORKER")
_BY_WORKER = Param("worker", "Name a worker, should a key be alike.", flag="--worker")
_ALL = Param("all", "Every run under way.", ParamKind.FLAG, "--all")
_KEYS = Param("keys", "Tasks; without any, all that are in review.", many=True, metavar="KEY")
_STRATEGY = Param(
    "strategy", "How branches land.", ParamKind.CHOICE, "--strategy", choices=STRATEGIES
)
_ORDERED = Param("ordered", "Take the tasks in the order given.", ParamKind.FLAG, "--ordered")


def _task(name: str, help_: str, *params: Param, example: str, **more: bool) -> Operation:
    target = f"core.engine.tasks:task_{name}"
    changes = more.get("changes", True)
    return Operation(f"task {name}", target, "Tasks", help_, params, (example,), changes)


OPERATIONS: Final = (
    Operation(
        "init",
        "core.engine.repos:init",
        "Start",
        "Register a repository; safe to repeat.",
        (
            Param("path", "Folder of the repository; this one if left out.", ParamKind.PATH),
            Param(
                "worktrees",
                "Where worktrees go: beside the repository or inside it.",
                ParamKind.CHOICE,
                "--worktrees",
                choices=("sibling", "inside"),
            ),
            Param("base", "Branch that everything lands on.", flag="--base", metavar="BRANCH"),
        ),
        ("weft init", "weft init ~/src/shop --worktrees inside --base develop"),
        changes=True,
        needs_repo=False,
    ),
    Operation(
        "demo",
        "core.engine.demo:run_demo",
        "Start",
        "Make a sample repository and go the whole way: claim, work, conflicts, plan, merge.",
        (
            Param("headless", "Without the window.", ParamKind.FLAG, "--headless"),
            Param("keep", "Leave the sample repository in place.", ParamKind.FLAG, "--keep"),
        ),
        ("weft demo", "weft demo --headless --keep"),
        changes=True,
        needs_repo=False,
        local=True,
    ),
    _task(
        "add",
        "Add a task to the backlog and print its key.",
        Param("title", "What is to be done, in a few words.", required=True, metavar="TITLE"),
        _DESCRIPTION,
        _PRIORITY,
        _FILE,
        _DEPENDS,
        _SKILL,
        _ESTIMATE,
        Param("key", "Key to use in place of the next task-N.", flag="--key", metavar="KEY"),
        _ISSUE,
        example="weft task add 'Retry failed webhooks' --priority high --file 'src/hooks/*.py'",
    ),
    _task(
        "list",
        "List tasks in the order of the board.",
        Param(
            "status",
            "Only this column.",
            ParamKind.CHOICE,
            "--status",
            many=True,
            choices=STATUSES,
        ),
        Param("worker", "Only of this worker.", flag="--worker", metavar="NAME"),
        Param("available", "Only what can be claimed now.", ParamKind.FLAG, "--available"),
        example="weft task list --status backlog --available",
        changes=False,
    ),
    _task(
        "show",
        "Show a task, its runs and what it waits for.",
        _KEY,
        example="weft task show task-4",
        changes=False,
    ),
    _task(
        "edit",
        "Change a task; a list that is given replaces the old one.",
        _KEY,
        Param("title", "New title.", flag="--title"),
        _DESCRIPTION,
        _PRIORITY,
        _FILE,
        _DEPENDS,
        _SKILL,
        _ESTIMATE,
        _ISSUE,
        Param(
            "clear",
            "Empty this list.",
            ParamKind.CHOICE,
            "--clear",
            many=True,
            choices=("file", "depends", "skill"),
        ),
        example="weft task edit task-4 --priority critical --depends task-2",
    ),
    _task(
        "remove",
        "Remove a task that nobody owns.",
        _KEY,
        example="weft task remove task-4",
    ),
    _task(
        "import",
        "Take tasks from a Markdown check list or from JSON.",
        Param("file", "The file; - reads standard input.", ParamKind.PATH, required=True),
        example="weft task import TODO.md",
    ),
    _task(
        "approve",
        "Approve a task as one of its guardians.",
        _KEY,
        Param("by", "The guardian.", flag="--by", required=True, metavar="NAME"),
        Param("reason", "Why.", flag="--reason", metavar="TEXT"),
        Param(
            "reject",
            "Say no: the task waits until a guardian says yes.",
            ParamKind.FLAG,
            "--reject",
        ),
        example="weft task approve task-4 --by human-ana --reason 'Talked it through.'",
    ),
    _task(
        "retry",
        "Give a failed task, or one in review, a new attempt.",
        _KEY,
        Param(
            "stage",
            "Do this stage and those after it anew, and keep those before.",
            flag="--from",
            metavar="STAGE",
        ),
        example="weft task retry task-4 --from build",
    ),
    Operation(
        "worker add",
        "core.engine.workers:worker_add",
        "Workers",
        "Register a person or an agent.",
        (
            Param("name", "Name of the worker.", required=True, metavar="NAME"),
            Param(
                "type",
                "A person or a program.",
                ParamKind.CHOICE,
                "--type",
                required=True,
                choices=("human", "agent"),
            ),
            Param("skill", "Skill that it has.", flag="--skill", many=True, metavar="SKILL"),
            Param("agent", "Profile of an agent.", flag="--agent", metavar="PROFILE"),
        ),
        (
            "weft worker add human-ana --type human --skill python",
            "weft worker add agent-quick-1 --type agent --agent quick",
        ),
        changes=True,
    ),
    Operation(
        "worker list",
        "core.engine.workers:worker_list",
        "Workers",
        "List the workers and what each is doing.",
        (),
        ("weft worker list --json",),
    ),
    Operation(
        "worker remove",
        "core.engine.workers:worker_remove",
        "Workers",
        "Remove a worker that owns no task.",
        (Param("name", "Name of the worker.", required=True, metavar="NAME"),),
        ("weft worker remove agent-quick-1",),
        changes=True,
    ),
    Operation(
        "worker heartbeat",
        "core.engine.workers:worker_heartbeat",
        "Workers",
        "Note that a worker is alive.",
        (Param("name", "Name of the worker.", required=True, metavar="NAME"),),
        ("weft worker heartbeat human-ana",),
        changes=True,
        role=Role.WORKER,
    ),
    Operation(
        "claim",
        "core.engine.runs:claim",
        "Work",
        "Claim a task, or the best one that fits; prints its branch and worktree.",
        (
            Param("key", "Key of the task; the best one if left out.", metavar="KEY"),
            Param("worker", "Who claims.", flag="--worker", required=True, metavar="NAME"),
        ),
        ("weft claim --worker human-ana", "weft claim task-4 --worker human-ana"),
        changes=True,
        role=Role.WORKER,
    ),
    Operation(
        "start",
        "core.engine.tasks:start",
        "Work",
        "Say that a person has begun a claimed task.",
        (_KEY,),
        ("weft start task-4",),
        changes=True,
    ),
    Operation(
        "done",
        "core.engine.tasks:done",
        "Work",
        "Move a task to review.",
        (
            _KEY,
            Param(
                "file", "File that was changed besides the declared ones.", flag="--file", many=True
            ),
        ),
        ("weft done task-4",),
        changes=True,
        role=Role.WORKER,
    ),
    Operation(
        "release",
        "core.engine.tasks:release",
        "Work",
        "Give a task back to the backlog; its branch and worktree stay.",
        (_KEY,),
        ("weft release task-4",),
        changes=True,
        role=Role.WORKER,
    ),
    Operation(
        "run",
        "core.engine.launching:run",
        "Work",
        "Launch agents in detached runners.",
        (
            Param("keys", "Tasks to run.", many=True, metavar="KEY"),
            Param("all", "Keep claiming until nothing fits.", ParamKind.FLAG, "--all"),
            Param("workers", "At most so many at once.", ParamKind.INT, "--workers", metavar="N"),
            Param("agent", "Profile of the agents.", flag="--agent", metavar="PROFILE"),
            Param("wait", "Follow until each has ended.", ParamKind.FLAG, "--wait"),
        ),
        ("weft run task-4 --agent quick --wait", "weft run --all --workers 3"),
        changes=True,
        role=Role.SUPERVISOR,
    ),
    *(
        Operation(
            verb,
            f"core.engine.runs:{verb}",
            "Work",
            help_,
            (_TARGET, _BY_WORKER, _ALL),
            (f"weft {verb} task-4", f"weft {verb} --all"),
            changes=True,
            role=Role.SUPERVISOR,
        )
        for verb, help_ in (
            ("pause", "Suspend a run with all its processes; its session is kept."),
            ("resume", "Let a paused run go on."),
            ("abort", "End a run; its work is kept and its task goes back to the backlog."),
        )
    ),
    Operation(
        "status",
        "core.engine.overview:status",
        "Look",
        "Show who works on what, and what waits for what.",
        (),
        ("weft status", "weft status --watch"),
        role=Role.SUPERVISOR,
    ),
    Operation(
        "log",
        "core.engine.overview:log",
        "Look",
        "Show what happened to a task and what its agent said.",
        (
            _KEY,
            Param("limit", "At most so many lines.", ParamKind.INT, "--limit", metavar="N"),
        ),
        ("weft log task-4 --follow",),
    ),
    Operation(
        "events",
        "core.engine.overview:events",
        "Look",
        "List the audit trail.",
        (
            Param("since", "Only after this id.", ParamKind.INT, "--since", metavar="ID"),
            Param("limit", "At most so many.", ParamKind.INT, "--limit", metavar="N"),
        ),
        ("weft events --since 120 --json", "weft events --follow"),
    ),
    Operation(
        "conflicts",
        "core.engine.conflicts:conflicts",
        "Land",
        "Show who collides with whom, by real merges that touch nothing.",
        (
            Param("task", "Only these tasks.", flag="--task", many=True, metavar="KEY"),
            Param("fresh", "Use no cache.", ParamKind.FLAG, "--fresh"),
        ),
        ("weft conflicts", "weft conflicts --task task-4 --task task-5 --exit-code"),
        role=Role.WORKER,
    ),
    Operation(
        "merge plan",
        "core.engine.merging:merge_plan",
        "Land",
        "Show the recommended order of merges, dry-run; nothing is touched.",
        (_KEYS, _STRATEGY, _ORDERED),
        ("weft merge plan", "weft merge plan task-4 task-5 --strategy squash"),
        role=Role.SUPERVISOR,
    ),
    Operation(
        "merge run",
        "core.engine.merging:merge_run",
        "Land",
        "Merge in the plan's order; what conflicts or fails its check is put aside.",
        (
            _KEYS,
            _STRATEGY,
            Param("check", "Command for the tree that will land.", flag="--check", metavar="CMD"),
            _ORDERED,
        ),
        ("weft merge run --check 'pytest -q' --yes",),
        changes=True,
        role=Role.SUPERVISOR,
    ),
    Operation(
        "merge update",
        "core.engine.curing:merge_update",
        "Land",
        "Bring the base into a task's branch now, if the two merge cleanly.",
        (_KEY,),
        ("weft merge update task-4",),
        changes=True,
        role=Role.SUPERVISOR,
        details=(
            "The merge commit goes onto the branch, in its worktree; the base does not move."
            " An agent at work there is paused meanwhile."
        ),
    ),
    Operation(
        "resolve",
        "core.engine.resolving:resolve",
        "Land",
        "Show what collides, and resolve it as a commit on the task's branch.",
        (
            _KEY,
            Param("other", "The other task; the base if left out.", flag="--with", metavar="KEY"),
            *(
                Param(side, help_, flag=f"--{side}", many=True, metavar="PATH")
                for side, help_ in (
                    ("left", "Take this file's stretches as the branch has them; . is every file."),
                    ("right", "Take them as the other side has them."),
                    ("both", "Take both, the branch's first."),
                )
            ),
            Param("tool", "Open the merge tool of your git.", ParamKind.FLAG, "--tool"),
            Param("agent", "Give it to the branch's own agent.", ParamKind.FLAG, "--agent"),
            Param("undo", "Take back what was merged in last.", ParamKind.FLAG, "--undo"),
        ),
        (
            "weft resolve task-4",
            "weft resolve task-4 --with task-5 --left src/app.py --right README.md",
            "weft resolve task-4 --tool",
        ),
        changes=True,
    ),
    Operation(
        "merge undo",
        "core.engine.merging:merge_undo",
        "Land",
        "Put the base back to where it was before the last merge run, or before RUN.",
        (Param("run", "Name of a merge run; the last one if left out.", metavar="RUN"),),
        ("weft merge undo",),
        changes=True,
    ),
    Operation(
        "merge log",
        "core.engine.merging:merge_log",
        "Land",
        "List merge runs: what landed, and which can be taken back.",
        (Param("limit", "At most so many.", ParamKind.INT, "--limit", metavar="N"),),
        ("weft merge log",),
        role=Role.SUPERVISOR,
    ),
    Operation(
        "merge tidy",
        "core.engine.merging:merge_tidy",
        "Land",
        "List the worktrees of landed tasks; with --yes remove those that the base holds whole.",
        (Param("yes", "Remove them; their branches stay.", ParamKind.FLAG, "--yes"),),
        ("weft merge tidy", "weft merge tidy --yes"),
        changes=True,
    ),
    Operation(
        "reset",
        "core.engine.reset:reset",
        "Work",
        "Release every claim and lock here; all work is kept, and it says where.",
        (Param("yes", "Do it.", ParamKind.FLAG, "--yes"),),
        ("weft reset --yes",),
        changes=True,
    ),
    Operation(
        "trust",
        "core.engine.preferences:trust_view",
        "Start",
        "Show what this repository's own settings would run or reach, and ask.",
        (Param("revoke", "Take the trust back.", ParamKind.FLAG, "--revoke"),),
        ("weft trust", "weft trust --revoke"),
        changes=True,
        local=True,  # a person's consent is given where the person is
    ),
    Operation(
        "doctor",
        "core.engine.doctor:doctor",
        "Look",
        "Say what is wrong here, and with --fix put it right.",
        (Param("fix", "Put right what can be.", ParamKind.FLAG, "--fix"),),
        ("weft doctor --fix",),
        needs_repo=False,
    ),
    *FIGURES,
    *PERMITS,
    *TALKING,
    *LOCKS,
    *AGENTS,
    *DOORS,
    *DISPATCH,
    *PROMPTS,
    *USAGE,
)

BY_NAME: Final = MappingProxyType({operation.name: operation for operation in OPERATIONS})
