"""A card panel: a title row with a caption at its end, and room for what it holds."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from gui.theme.stylesheet import set_look
from gui.theme.tokens import Space
from gui.widgets.label import ElidedLabel, make_label

TITLE_ROW = 43


class Panel(QFrame):
    """A bordered surface. Add the content to `body`; pieces of the title row to `header`."""

    def __init__(self, title: str = "", caption: str = "", *, ruled: bool = False) -> None:
        """Make a panel; *ruled* draws a line under the title; its body reaches the edges."""
        super().__init__()
        set_look(self, surface="sheet")
        self.setAccessibleName(title)
        self._title = make_label(title, role="strong")
        self._caption = ElidedLabel(caption, role="meta")
        self._caption.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.header = QHBoxLayout()
        self.header.setContentsMargins(Space.L, 0, Space.L, 0)
        self.header.setSpacing(Space.M)
        self.header.addWidget(self._title)
        self.header.addWidget(self._caption, 1)
        head = QWidget(self)
        head.setLayout(self.header)
        head.setFixedHeight(TITLE_ROW)
        head.setVisible(bool(title or caption))
        self.body = QVBoxLayout()
        edge = 0 if ruled else Space.L
        self.body.setContentsMargins(edge, 0, edge, edge)
        self.body.setSpacing(0 if ruled else Space.S)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(head)
        if ruled:
            column.addWidget(make_rule())
        column.addLayout(self.body, 1)
        self._head = head

    def set_title(self, title: str) -> None:
        """Show another title."""
        self._title.setText(title)
        self.setAccessibleName(title)
        self._head.show()

    def set_caption(self, caption: str) -> None:
        """Show another caption at the end of the title row."""
        self._caption.setText(caption)
        self._head.show()

    def title(self) -> str:
        """Return the title."""
        return self._title.text()

    def caption(self) -> str:
        """Return the caption."""
        return self._caption.text()


def make_rule() -> QFrame:
    """Make a line of one pixel that separates what is above from what is below."""
    rule = QFrame()
    rule.setFixedHeight(1)
    set_look(rule, surface="line")
    return rule
