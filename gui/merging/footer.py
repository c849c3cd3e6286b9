"""The buttons at the foot of the wizard; the main one says exactly what it will do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QWidget
from typing_extensions import override

from core.merging.wizard import MergeWizard, WizardStep
from gui.theme.tokens import Space
from gui.widgets.button import Button, ButtonKind, make_button
from gui.widgets.label import ElidedLabel
from gui.wording import counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QMouseEvent


class ForwardButton(Button):
    """A button that does something else after each press."""

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Do nothing: the second click was meant for what the first one did."""
        event.accept()


class WizardFooter(QWidget):
    """Cancel at the left; Back and the way forward at the right."""

    def __init__(
        self,
        on_cancel: Callable[[], object],
        on_back: Callable[[], object],
        on_forward: Callable[[], object],
    ) -> None:
        super().__init__()
        self.cancel = make_button("Cancel", ButtonKind.GHOST, on_click=on_cancel)
        self.why_not = ElidedLabel(role="meta")
        self.back = make_button("Back", on_click=on_back)
        self.back.setToolTip("Alt+Left")
        self.forward = ForwardButton("", ButtonKind.PRIMARY)
        self.forward.clicked.connect(lambda _checked=False: on_forward())
        self.forward.setToolTip("Alt+Right, or Enter")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(self.cancel)
        row.addStretch(1)
        row.addWidget(self.why_not)
        row.addWidget(self.back)
        row.addWidget(self.forward)

    def show_wizard(self, wizard: MergeWizard) -> None:
        """Offer what the wizard allows."""
        is_result = wizard.step is WizardStep.RESULT
        failed = wizard.problem is not None
        self.cancel.setVisible(not is_result)
        self.cancel.setEnabled(wizard.step is not WizardStep.MERGE or wizard.can_cancel or failed)
        self.back.setVisible(wizard.can_go_back)
        self.forward.setText(forward_words(wizard))
        self.forward.setVisible(wizard.step is not WizardStep.MERGE or failed)
        self.forward.setEnabled(wizard.can_go_forward or failed or is_result)
        waits = wizard.step in {WizardStep.CHOOSE, WizardStep.DRY_RUN} and not failed
        self.why_not.setText(wizard.why_not_forward if waits and not wizard.work else "")


def forward_words(wizard: MergeWizard) -> str:
    """Return what the main button will do."""
    if wizard.problem is not None and wizard.step is not WizardStep.CHOOSE:
        return "Done" if wizard.step is WizardStep.RESULT else "Try again"
    match wizard.step:
        case WizardStep.CHOOSE:
            return f"Plan {counted(len(wizard.chosen), 'branch', 'branches')}"
        case WizardStep.ORDER:
            return "Show the dry run"
        case WizardStep.DRY_RUN:
            return f"Merge {counted(len(wizard.will_land), 'branch', 'branches')}"
        case _:
            return "Done"
