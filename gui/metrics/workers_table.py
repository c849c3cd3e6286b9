"""Each worker's part, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt
from typing_extensions import override

from gui.widgets.table import Index, RowsModel

if TYPE_CHECKING:
    from core.domain.figures import WorkerFigures

HEAD: Final = ("Worker", "Done", "Failed", "Stopped", "At work", "Tokens in", "Tokens out", "Cost")
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class WorkerFiguresModel(RowsModel["WorkerFigures"]):
    """One row a worker."""

    def __init__(self) -> None:
        super().__init__(HEAD)

    @override
    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole and orientation is Qt.Orientation.Horizontal:
            return _RIGHT if section else _LEFT
        return super().headerData(section, orientation, role)

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return _cells(self._rows[index.row()])[index.column()]
            case Qt.ItemDataRole.TextAlignmentRole:
                return _RIGHT if index.column() else _LEFT
            case Qt.ItemDataRole.ToolTipRole if index.column() == len(HEAD) - 1:
                unknown = self._rows[index.row()].unknown_cost_runs
                return f"{unknown} runs of unknown cost are not in it" if unknown else None
            case _:
                return None


def _cells(one: WorkerFigures) -> tuple[str, ...]:
    minutes = round(one.busy_minutes)
    worked = f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
    cost = "unknown" if one.cost_usd is None else f"${one.cost_usd:.2f}"
    more = "+" if one.cost_usd is not None and one.unknown_cost_runs else ""
    return (
        one.worker,
        str(one.done),
        str(one.failed),
        str(one.aborted),
        worked,
        f"{one.input_tokens:,}",
        f"{one.output_tokens:,}",
        f"{cost}{more}",
    )
