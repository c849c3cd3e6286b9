"""What Claude Code asks while it works, and how it is answered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from core.agents.json_lines import Json, list_of, table_of, text_of
from core.agents.lines import harmless_text
from core.agents.tool_calls import one_line, tool_use
from core.domain.agent_event import PermissionAsked, ToolKind
from core.domain.question import OptionKind, QuestionOption

if TYPE_CHECKING:
    from pathlib import Path

_QUESTION: Final = "AskUserQuestion"
_ALLOW, _ALWAYS, _DENY = (
    OptionKind.ALLOW_ONCE.value, OptionKind.ALLOW_ALWAYS.value, OptionKind.DENY.value,
)  # fmt: skip
_YES: Final = frozenset({_ALLOW, "yes", "allow"})
_NO: Final = frozenset({_DENY, "no", ""})


class Asking:
    """The open questions of one session.

    The tool's input goes back exactly as it came; only what people are shown is made harmless.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._open: dict[str, Json] = {}

    def asked(self, told: Json) -> PermissionAsked | None:
        """Return a request as an event; None when it is no request for leave."""
        request = table_of(told, "request")
        token = text_of(told, "request_id")
        if text_of(request, "subtype") != "can_use_tool" or not token:
            return None
        self._open[token] = request
        if text_of(request, "tool_name") == _QUESTION:
            return _question(token, table_of(request, "input"))
        return self._permission(token, request)

    def answer(self, token: str, answer: str) -> str | None:
        """Return the line that answers *token*; None when it is not open."""
        request = self._open.pop(token, None)
        if request is None:
            return None
        given = table_of(request, "input")
        if text_of(request, "tool_name") == _QUESTION:
            return _reply(token, _allowed({**given, "answers": _answers(given, answer)}))
        if answer in _YES:
            return _reply(token, _allowed(given))
        if answer == _ALWAYS:
            allowed = {**_allowed(given), "updatedPermissions": _for_session(request)}
            return _reply(token, allowed)
        said = "A person denied this." if answer in _NO else f"A person denied this: {answer}"
        return _reply(token, {"behavior": "deny", "message": said})

    def forget(self, token: str) -> None:
        """Let go of a request that the agent took back."""
        self._open.pop(token, None)

    def clear(self) -> None:
        """Let go of all: the turn is over."""
        self._open.clear()

    def _permission(self, token: str, request: Json) -> PermissionAsked:
        use = tool_use(text_of(request, "tool_name"), table_of(request, "input"), self._root)
        options = [QuestionOption(_ALLOW, "Allow once", OptionKind.ALLOW_ONCE)]
        if _for_session(request):
            label = "Always for this run"
            options.append(QuestionOption(_ALWAYS, label, OptionKind.ALLOW_ALWAYS))
        options.append(QuestionOption(_DENY, "Deny", OptionKind.DENY))
        return PermissionAsked(token, use.title, use.kind, use.detail, use.paths, tuple(options))


def _for_session(request: Json) -> list[Json]:
    """Return what it proposes to remember, for this session alone: never in a settings file."""
    return [
        {**proposed, "destination": "session"}
        for proposed in list_of(request, "permission_suggestions")
        if isinstance(proposed, dict)
    ]


def _question(token: str, given: Json) -> PermissionAsked:
    questions = list_of(given, "questions")
    title = one_line(text_of(questions[0], "question")) if questions else "It asks a question."
    detail: list[str] = []
    for asked in questions:
        detail.append(text_of(asked, "question"))
        for number, choice in enumerate(list_of(asked, "options"), start=1):
            said = " - ".join(word for key in _CHOICE if (word := text_of(choice, key)))
            detail.append(f"{number}. {said}")
    return PermissionAsked(token, title, ToolKind.OTHER, harmless_text("\n".join(detail)))


_CHOICE: Final = ("label", "description")


def _answers(given: Json, answer: str) -> dict[str, str]:
    """Return the answer to each question: a line each when there are as many, else all of it."""
    questions = list_of(given, "questions")
    lines = [line for line in answer.splitlines() if line.strip()]
    each = lines if len(lines) == len(questions) else [answer] * len(questions)
    return {
        text_of(asked, "question"): _chosen(asked, said.strip())
        for asked, said in zip(questions, each, strict=True)
    }


def _chosen(asked: Any, said: str) -> str:
    choices = list_of(asked, "options")
    if said.isdigit() and 0 < int(said) <= len(choices):
        return text_of(choices[int(said) - 1], "label")
    return said


def _allowed(given: Json) -> Json:
    return {"behavior": "allow", "updatedInput": given}


def _reply(token: str, response: Json) -> str:
    told = {"subtype": "success", "request_id": token, "response": response}
    return json.dumps({"type": "control_response", "response": told}) + "\n"
