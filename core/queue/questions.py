"""Questions of runs: asked by a runner, answered by a person, closed with their run."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from core.clock import from_ms, from_optional_ms, to_ms
from core.domain.question import OptionKind, Question, QuestionKind, QuestionOption
from core.domain.run import LIVE
from core.errors import NotFound, Refused, UsageError
from core.events import log
from core.store.schema import QuestionRow, RunRow, TaskRow
from core.store.transactions import transaction

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from core.domain.repo import Repo

LONGEST_DETAIL: Final = 20_000
"""Characters of a question's detail that are kept: a person reads no more, the transcript does."""
_LIVE: Final = tuple(status.value for status in LIVE)


def ask(
    run_id: str,
    token: str,
    kind: QuestionKind,
    title: str,
    *,
    detail: str = "",
    options: Iterable[QuestionOption] = (),
    now: datetime,
) -> int:
    """Record what a live run asks; return the question's id.

    *token* is the asker's own name for it. The run's status is the caller's to change.
    """
    with transaction():
        run = _run_row(run_id)
        row = QuestionRow.create(
            run=run_id,
            token=token,
            kind=kind.value,
            title=title,
            detail=detail[:LONGEST_DETAIL],
            options=json.dumps([[o.id, o.label, o.kind.value] for o in options]),
            asked_ms=to_ms(now),
        )
        _record(run, "question.asked", now, actor=run.worker_name, question=row.id, title=title)
    return int(row.id)


def answer(question_id: int, answer_: str, *, now: datetime, actor: str) -> Question:
    """Record a person's answer: the id of an option, or words; its runner passes it on.

    Raises:
        NotFound: There is no such question.
        Refused: It is answered, or its run has ended.
    """
    with transaction():
        row = QuestionRow.get_or_none(QuestionRow.id == question_id)
        if row is None:
            raise NotFound(f"There is no question {question_id}.")
        if row.answered_ms is not None:
            raise Refused(f"{row.answered_by} has answered that already: {row.answer or 'nothing'}")
        if row.run.status not in _LIVE:
            raise Refused(f"Run {row.run.id} has ended: nobody waits for the answer.")
        row.answer, row.answered_by, row.answered_ms = answer_, actor, to_ms(now)
        row.save()
        _record(row.run, "question.answered", now, actor=actor, question=row.id, answer=answer_)
    return _record_of(row)


_MEANT: Final = MappingProxyType(
    {
        "yes": OptionKind.ALLOW_ONCE,
        "y": OptionKind.ALLOW_ONCE,
        "always": OptionKind.ALLOW_ALWAYS,
        "no": OptionKind.DENY,
        "n": OptionKind.DENY,
    }
)


def understood(question: Question, words: str) -> str:
    """Return what *words* answer: the id of an option that they name or mean, else the words.

    Raises:
        UsageError: The question takes only its options, and they are none of these.
    """
    said = words.strip()
    if not said:
        raise UsageError("An answer needs words.")
    for option in question.options:
        if said == option.id or said.casefold() == option.label.casefold():
            return option.id
    meant = _MEANT.get(said.casefold())
    for option in question.options:
        if option.kind is meant:
            return option.id
    if question.kind is QuestionKind.QUESTION:
        return said
    known = ", ".join(option.label for option in question.options)
    raise UsageError(f"{said!r} answers nothing here.", hint=f"Say yes or no, or one of: {known}.")


def close(question_ids: Collection[int], *, why: str, now: datetime) -> None:
    """Close questions that nobody waits for any more; *why* is kept in place of a name."""
    with transaction():
        QuestionRow.update(answered_ms=to_ms(now), answered_by=why).where(
            QuestionRow.id.in_(list(question_ids)), QuestionRow.answered_ms.is_null()
        ).execute()


def close_all(run_id: str, *, why: str, now: datetime) -> None:
    """Close whatever a run that ends still asks; in the transaction of its end."""
    QuestionRow.update(answered_ms=to_ms(now), answered_by=why).where(
        QuestionRow.run == run_id, QuestionRow.answered_ms.is_null()
    ).execute()


def answered(question_ids: Collection[int]) -> tuple[Question, ...]:
    """Return those of *question_ids* that have been answered, oldest first."""
    rows = _query().where(
        QuestionRow.id.in_(list(question_ids)), QuestionRow.answered_ms.is_null(False)
    )
    return tuple(_record_of(row) for row in rows)


def open_questions(repo: Repo, *, run: str | None = None) -> tuple[Question, ...]:
    """Return what live runs of the repository ask and nobody has answered, oldest first."""
    query = _query().where(
        RunRow.repo == repo.id, RunRow.status.in_(_LIVE), QuestionRow.answered_ms.is_null()
    )
    if run is not None:
        query = query.where(QuestionRow.run == run)
    return tuple(_record_of(row) for row in query)


def _query() -> Any:  # peewee's own type is not to be named outside the store
    joined = QuestionRow.select(QuestionRow, RunRow, TaskRow).join(RunRow).join(TaskRow)
    return joined.order_by(QuestionRow.id)


def _run_row(run_id: str) -> RunRow:
    row: RunRow | None = RunRow.get_or_none(RunRow.id == run_id)
    if row is None:
        raise NotFound(f"There is no run {run_id!r}.")
    return row


def _record_of(row: QuestionRow) -> Question:
    return Question(
        id=row.id,
        run=row.run.id,
        task=row.run.task.key,
        worker=row.run.worker_name,
        kind=QuestionKind(row.kind),
        title=row.title,
        detail=row.detail,
        options=tuple(
            QuestionOption(id_, label, OptionKind(kind))
            for id_, label, kind in json.loads(row.options)
        ),
        asked_at=from_ms(row.asked_ms),
        answered_at=from_optional_ms(row.answered_ms),
        answer=row.answer,
        answered_by=row.answered_by,
    )


def _record(run: RunRow, kind: str, now: datetime, *, actor: str, **data: object) -> None:
    log.record(
        kind,
        now,
        actor=actor,
        repo=run.repo.path,
        task=run.task.key,
        worker=run.worker_name,
        run=run.id,
        **data,
    )
