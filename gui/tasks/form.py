"""The fields of a task."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QCompleter, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from core.domain.task import Priority, Task
from gui.form import FormField, PlainField, split_lines
from gui.tasks.draft import TaskDraft, split_words
from gui.theme.stylesheet import set_look
from gui.theme.tokens import Space
from gui.widgets.spin_box import SpinBox

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST_MIN = 60 * 24 * 7


class TaskForm(QWidget):
    """Title, description, priority, estimate, files, dependencies, skills; for a new one a key."""

    def __init__(self, *, is_new: bool) -> None:
        super().__init__()
        self._is_new = is_new
        self._known: tuple[str, ...] = ()
        self.title = QLineEdit()
        self.title.setPlaceholderText("What shall be done?")
        self.description = PlainField(6, most=16)
        self.description.setPlaceholderText("What the worker needs to know. An agent reads this.")
        self.priority = QComboBox()
        self.priority.addItems([priority.value.capitalize() for priority in Priority])
        self.priority.setCurrentText("Medium")
        self.estimate = SpinBox("Estimate", 0, LONGEST_MIN, 0, "min")
        self.estimate.setSpecialValueText("none")
        self.estimate.setSingleStep(15)
        self.files = PlainField(3, mono=True)
        self.files.setPlaceholderText("src/cart/*.py")
        self.depends = QLineEdit()
        self.skills = QLineEdit()
        self.key = QLineEdit()
        set_look(self.depends, mono=True)
        set_look(self.key, mono=True)
        self.key.setPlaceholderText("chosen for you")
        self.fields = {
            "title": FormField("Title", self.title),
            "description": FormField("Description", self.description),
            "priority": FormField("Priority", self.priority),
            "estimate": FormField("Estimate", self.estimate),
            "files": FormField(
                "Files", self.files, "One path or pattern a line: warns early of what will meet."
            ),
            "depends": FormField("Depends on", self.depends, "Keys of tasks that come first."),
            "skills": FormField("Skills", self.skills, "Only workers with all of them."),
            "key": FormField("Key", self.key),
        }
        self._lay_out()

    def set_known_keys(self, keys: Sequence[str]) -> None:
        """Know which keys there are."""
        if tuple(keys) != self._known:
            self._known = tuple(keys)
            completer = QCompleter(list(keys), self.depends)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            self.depends.setCompleter(completer)

    def show_task(self, task: Task, before: Task | None) -> None:
        """Show *task*; a field that differs from *before* is being typed into and stays."""
        if before is not None and self.draft().changes(before):
            return
        self.title.setText(task.title)
        self.title.setCursorPosition(0)
        self.description.setPlainText(task.description)
        self.priority.setCurrentText(task.priority.value.capitalize())
        self.estimate.setValue(task.estimate_minutes or 0)
        self.files.setPlainText("\n".join(task.files))
        self.depends.setText(", ".join(task.depends_on))
        self.skills.setText(", ".join(task.skills))

    def draft(self) -> TaskDraft:
        """Return what is typed."""
        return TaskDraft(
            title=self.title.text().strip(),
            description=self.description.toPlainText().rstrip(),
            priority=self.priority.currentText().lower(),
            estimate=self.estimate.value() or None,
            files=split_lines(self.files.toPlainText()),
            depends=split_words(self.depends.text()),
            skills=split_words(self.skills.text()),
            key=self.key.text().strip(),
        )

    def show_problems(self, draft: TaskDraft, own_key: str = "") -> bool:
        """Say at each field what is wrong with it; return whether all is well."""
        problems = draft.problems(self._known, own_key)
        for name, field in self.fields.items():
            field.show_problem(problems.get(name, ""))
        for name in self.fields:
            if name in problems:
                self.fields[name].control.setFocus(Qt.FocusReason.OtherFocusReason)
                return False
        return True

    def _lay_out(self) -> None:
        stack = QVBoxLayout(self)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.setSpacing(Space.M)
        stack.addWidget(self.fields["title"])
        stack.addWidget(self.fields["description"])
        stack.addLayout(_side_by_side(self.fields["priority"], self.fields["estimate"]))
        stack.addWidget(self.fields["files"])
        stack.addLayout(_side_by_side(self.fields["depends"], self.fields["skills"]))
        stack.addWidget(self.fields["key"])
        self.fields["key"].setVisible(self._is_new)


def _side_by_side(*fields: FormField) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(Space.M)
    for field in fields:
        row.addWidget(field, 1, Qt.AlignmentFlag.AlignTop)
    return row
