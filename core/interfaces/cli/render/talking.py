"""Questions of agents, and what was said to them."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from core.interfaces.cli.blocks import Block, Remark, Span, Tone, line
from core.interfaces.cli.render.runs import run_table
from core.interfaces.cli.render.words import moment

if TYPE_CHECKING:
    from core.domain.question import Question
    from core.domain.run import Run
    from core.domain.session import Attachment


def questions(asked: tuple[Question, ...]) -> list[Block]:
    """Print each question with what can be answered."""
    if not asked:
        return [Remark("Nobody asks anything.")]
    blocks: list[Block] = []
    for one in asked:
        blocks.append(
            line(
                Span(one.task, Tone.STRONG),
                f"  {one.worker}  ",
                Span(one.title, Tone.ATTENTION),
                Span(f"  #{one.id} {moment(one.asked_at)}", Tone.FAINT),
            )
        )
        blocks += [line(f"    {text}") for text in one.detail.splitlines()]
        if one.options:
            known = " · ".join(f"{option.label} ({option.id})" for option in one.options)
            blocks.append(line(Span(f"    {known}", Tone.FAINT)))
    return [*blocks, Remark("Answer: weft answer KEY yes|always|no|TEXT")]


def answered(question: Question) -> list[Block]:
    """Say what was answered to whom."""
    label = next((o.label for o in question.options if o.id == question.answer), question.answer)
    return [line(f"{question.worker} on {question.task} is told: {label}")]


def continued(run: Run) -> list[Block]:
    """Show the run that goes on."""
    return [run_table([run])]


def attachment(found: Attachment) -> list[Block]:
    """Print the command as a shell takes it."""
    words = [f"{name}={value}" for name, value in found.environment.items()]
    prefix = ["env", *words] if words else []
    return [line(f"cd {shlex.quote(found.folder)} && {shlex.join([*prefix, *found.command])}")]


def opened(sentence: str) -> list[Block]:
    """Say what was opened."""
    return [line(sentence)]
