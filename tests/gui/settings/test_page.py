"""The settings page follows the table of options, and writes what is changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QPlainTextEdit, QSpinBox

from core.domain.overview import Finding, PermitView, Severity, TrustView
from core.errors import UserError
from core.settings.options import BY_KEY, OPTIONS, Option, Value
from gui.settings.page import SettingsPage
from gui.settings.titles import TITLES
from gui.theme.theme import theme
from gui.theme.tokens import Scheme
from gui.widgets.message_bar import MessageBar
from gui.widgets.pill import Pill
from tests.gui.recording_client import RecordingClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot
    from qasync import QEventLoop

ASKS = TrustView("/r", {"check": "make test"}, trusted=False, digest="abc", warnings=("A shell.",))


@dataclass
class Store:
    """What set_preference writes and options_view reads."""

    values: dict[str, Value] = field(default_factory=dict)
    allowed: bool = False

    def permits(self) -> tuple[PermitView, ...]:
        return (
            PermitView("shop", "bold", "open", self.allowed),
            PermitView("shop", "claude", "watched", allowed=False),
        )

    def permit(
        self, profile: str, *, repo_name: str | None = None, revoke: bool = False
    ) -> PermitView:
        self.allowed = repo_name == "shop" and not revoke
        return PermitView("shop", profile, "open", self.allowed)

    def write(self, key: str, text: str | None) -> None:
        if text is None:
            self.values.pop(key, None)
        elif BY_KEY[key].kind.name == "INT":
            self.values[key] = int(text)
        elif BY_KEY[key].kind.name == "BOOL":
            self.values[key] = text == "true"
        elif BY_KEY[key].kind.name == "LINES":
            self.values[key] = tuple(part.strip() for part in text.split(",") if part.strip())
        else:
            self.values[key] = text

    def read(self) -> tuple[tuple[Option, Value, str], ...]:
        shown: list[tuple[Option, Value, str]] = []
        for option in OPTIONS:
            mine = option.key in self.values
            value = self.values.get(option.key, option.default)
            shown.append((option, value, "/weft/config.toml" if mine else "default"))
        return tuple(shown)


@pytest.fixture(autouse=True)
def dressed(qapp: QApplication) -> Iterator[None]:
    theme().apply(qapp)
    theme().choose("light")
    yield
    theme().choose("light")


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def client(store: Store) -> RecordingClient:
    answers: dict[str, Any] = {
        "options_view": store.read,
        "set_preference": store.write,
        "trust_view": ASKS,
        "trust": TrustView("/r", ASKS.asks, trusted=True, digest="abc"),
        "revoke_trust": ASKS,
        "permits": store.permits,
        "permit": store.permit,
        "doctor": (
            Finding("git", Severity.OK, "git is new enough."),
            Finding("worktrees", Severity.WARNING, "One is gone.", "Put it right."),
        ),
    }
    return RecordingClient(answers=answers)


def shown_page(qtbot: QtBot, client: RecordingClient) -> SettingsPage:
    bar = MessageBar()
    qtbot.addWidget(bar)
    made = SettingsPage(client, bar, has_repo=True)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    return made


@pytest.fixture
def page(qtbot: QtBot, qt_loop: QEventLoop, client: RecordingClient) -> SettingsPage:
    made = shown_page(qtbot, client)
    qtbot.waitUntil(lambda: len(made.rows) == len(OPTIONS) and made.trust.allow.isVisible())
    return made


def test_every_option_has_a_row_with_an_editor_named_by_its_key(page: SettingsPage) -> None:
    assert set(page.rows) == {option.key for option in OPTIONS}
    for key, row in page.rows.items():
        assert row.editor.accessibleName() == key


def test_each_kind_has_its_own_editor(page: SettingsPage) -> None:
    kinds = {
        "theme": QComboBox,
        "max_workers": QSpinBox,
        "commit_leftovers": QCheckBox,
        "check": QLineEdit,
        "guardians": QPlainTextEdit,
    }
    for key, kind in kinds.items():
        assert isinstance(page.rows[key].editor, kind)


def test_a_changed_number_is_written_and_marked_as_mine(
    page: SettingsPage, store: Store, qtbot: QtBot
) -> None:
    editor = page.rows["max_workers"].editor
    assert isinstance(editor, QSpinBox)

    editor.setValue(5)

    qtbot.waitUntil(lambda: page.rows["max_workers"].source() == "you")
    assert store.values == {"max_workers": 5}
    assert page.rows["max_workers"].reset.isVisible()


def test_reset_takes_an_option_out_again(page: SettingsPage, store: Store, qtbot: QtBot) -> None:
    store.values["max_workers"] = 5
    page.show_options(store.read())

    page.rows["max_workers"].reset.click()

    qtbot.waitUntil(lambda: page.rows["max_workers"].source() == "default")
    editor = page.rows["max_workers"].editor
    assert isinstance(editor, QSpinBox)
    assert editor.value() == 3


def test_lines_are_written_when_the_keyboard_leaves(
    page: SettingsPage, store: Store, qtbot: QtBot
) -> None:
    page.activateWindow()
    editor = page.rows["guardians"].editor
    assert isinstance(editor, QPlainTextEdit)
    editor.setFocus()
    qtbot.waitUntil(editor.hasFocus)

    QTest.keyClicks(editor, "human-ana")
    QTest.keyClick(editor, Qt.Key.Key_Tab)

    qtbot.waitUntil(lambda: store.values.get("guardians") == ("human-ana",))


def test_the_theme_applies_at_once(page: SettingsPage, qtbot: QtBot) -> None:
    editor = page.rows["theme"].editor
    assert isinstance(editor, QComboBox)

    editor.textActivated.emit("dark")

    qtbot.waitUntil(lambda: theme().scheme is Scheme.DARK)


def test_a_value_that_is_refused_is_told_and_the_old_one_shown(
    page: SettingsPage, client: RecordingClient, qtbot: QtBot
) -> None:
    client.answers["set_preference"] = UserError("'base' wants a branch.", hint="Such as main.")
    editor = page.rows["base"].editor
    assert isinstance(editor, QLineEdit)

    editor.setText("no such")
    editor.setModified(True)
    editor.editingFinished.emit()

    qtbot.waitUntil(lambda: not page.message_bar.isHidden())
    assert page.message_bar.text() == "Change setting: 'base' wants a branch."


def test_trust_shows_all_of_it_and_allows_exactly_that(
    page: SettingsPage, client: RecordingClient, qtbot: QtBot
) -> None:
    assert "make test" in page.trust.shown.toPlainText()

    page.trust.allow.click()

    qtbot.waitUntil(page.trust.revoke.isVisible)
    assert client.named("trust")[0].kwargs == {"digest": "abc"}


def test_an_open_profile_is_let_go_by_the_typed_name_and_taken_back(
    page: SettingsPage, client: RecordingClient, store: Store, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: "bold" in page.permits.rows)
    row = page.permits.rows["bold"]
    assert (row.pill.text(), row.allow.isEnabled()) == ("open", False)

    QTest.keyClicks(row.typed, "Shop")
    assert not row.allow.isEnabled()
    QTest.keyClick(row.typed, Qt.Key.Key_Return)
    assert client.named("permit") == []
    row.typed.setText("shop")
    row.allow.click()

    qtbot.waitUntil(lambda: page.permits.rows["bold"].revoke.isVisibleTo(page))
    assert client.named("permit")[0].kwargs == {"repo_name": "shop"}
    assert not page.permits.rows["bold"].typed.isVisibleTo(page)
    page.permits.rows["bold"].revoke.click()
    qtbot.waitUntil(lambda: not store.allowed)
    qtbot.waitUntil(lambda: page.permits.rows["bold"].typed.isVisibleTo(page))


def test_only_an_open_profile_asks_for_the_name(page: SettingsPage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: "claude" in page.permits.rows)
    row = page.permits.rows["claude"]

    assert row.pill.text() == "watched"
    assert not row.typed.isVisibleTo(page)
    assert not row.allow.isVisibleTo(page)


def test_the_doctor_looks_when_asked_and_offers_to_put_right(
    page: SettingsPage, qtbot: QtBot
) -> None:
    page.doctor.look.click()

    qtbot.waitUntil(page.doctor.fix.isVisible)
    assert page.doctor.words() == "1 of 2 need a look."


def test_every_option_has_a_title_of_its_own_and_its_key_below() -> None:
    assert set(TITLES) == set(BY_KEY)
    assert len(set(TITLES.values())) == len(TITLES)


def test_the_parts_of_a_row_stand_on_one_line(page: SettingsPage) -> None:
    page.resize(1096, 700)

    for row in page.rows.values():
        middles = [part.geometry().center().y() for part in (row.editor, *row.findChildren(Pill))]
        assert max(middles) - min(middles) <= 1


def test_the_keyboard_begins_at_the_first_option_also_before_they_are_read(
    qtbot: QtBot, qt_loop: QEventLoop, client: RecordingClient
) -> None:
    client.hold.add("options_view")
    made = shown_page(qtbot, client)
    made.activateWindow()

    made.setFocus(Qt.FocusReason.ShortcutFocusReason)
    assert made.focusWidget() is not made.doctor.look
    client.hold.clear()
    client.let_go()

    qtbot.waitUntil(lambda: bool(made.rows))
    qtbot.waitUntil(lambda: made.focusWidget() is made.rows["notify"].editor)
    assert made.verticalScrollBar().value() == 0


def test_tab_goes_down_the_page_also_past_what_was_changed(page: SettingsPage) -> None:
    page.activateWindow()
    rows = list(page.rows.values())
    rows[0].show_value("none", "/weft/config.toml")
    page.setFocus(Qt.FocusReason.ShortcutFocusReason)
    passed = [page.focusWidget()]

    for _ in range(2):
        page.focusNextChild()
        passed.append(page.focusWidget())

    assert passed == [rows[0].editor, rows[0].reset, rows[1].editor]


def test_the_window_has_its_turn_while_the_rows_are_made(
    qtbot: QtBot, qt_loop: QEventLoop, client: RecordingClient
) -> None:
    made = shown_page(qtbot, client)
    seen: set[int] = set()
    turns = QTimer(made, interval=0)
    turns.timeout.connect(lambda: seen.add(len(made.rows)))
    turns.start()

    qtbot.waitUntil(lambda: len(made.rows) == len(OPTIONS))

    assert len(seen) > len(OPTIONS) // 4
