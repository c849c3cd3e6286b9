"""Settings: who wins, what is refused with file and line, what an untrusted file cannot do."""

from __future__ import annotations

import pytest

from core.settings.layers import (
    Layer,
    SettingsError,
    digest,
    environment_layer,
    merge_layers,
    parse_value,
    read_layer,
    risky,
)

NOTHING = Layer("nothing")


def test_environment_wins_over_person_over_repo_over_default() -> None:
    repo = read_layer("max_workers = 4\nmax_attempts = 5\n", source="r", of_repo=True)
    person = read_layer("max_workers = 6\n", source="p")
    environment = environment_layer({"WEFT_MAX_WORKERS": "8"})

    settings = merge_layers(repo, person, environment, trusted=False)

    assert settings.whole("max_workers") == 8
    assert settings.source["max_workers"] == "environment"
    assert settings.whole("max_attempts") == 5
    assert settings.number("lease_minutes") == 10


def test_guardians_of_the_repository_can_only_be_extended() -> None:
    repo = read_layer('guardians = ["ana"]', source="r", of_repo=True)
    person = read_layer('guardians = ["bob"]', source="p")

    settings = merge_layers(repo, person, NOTHING, trusted=False)

    assert settings.lines("guardians") == ("ana", "bob")


def test_what_could_run_is_withheld_until_trusted() -> None:
    text = 'check = "make test"\nmax_workers = 2\n[agents.quick]\ncommand = ["sh", "x.sh"]\n'
    repo = read_layer(text, source=".weft.toml", of_repo=True)

    untrusted = merge_layers(repo, NOTHING, NOTHING, trusted=False)
    trusted = merge_layers(repo, NOTHING, NOTHING, trusted=True)

    assert untrusted.text("check") == ""
    assert untrusted.profiles == {}
    assert untrusted.withheld == ("check", "agents.quick")
    assert untrusted.whole("max_workers") == 2
    assert trusted.text("check") == "make test"
    assert trusted.profiles["quick"].command == ("sh", "x.sh")


def test_trust_asks_again_when_what_could_run_changes_and_only_then() -> None:
    one = read_layer('check = "make"\nmax_workers = 2\n', source="r", of_repo=True)
    calmer = read_layer('max_workers = 9\ncheck = "make"\n', source="r", of_repo=True)
    other = read_layer('check = "make all"\n', source="r", of_repo=True)

    assert digest(one) == digest(calmer)
    assert digest(one) != digest(other)
    assert risky(one) == {"check": "make"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\nmax_worker = 3\n", r"f\.toml, line 2: unknown key 'max_worker'"),
        ('max_workers = "3"\n', r"line 1: 'max_workers' wants a whole number of at least 1"),
        ("max_workers = 0\n", "of at least 1, not 0"),
        ("max_workers = true\n", "wants a whole number"),
        ('strategy = "octopus"\n', "wants one of merge, squash, rebase"),
        ("copy = [1]\n", "wants a list of texts"),
        ("a = \n", "not valid TOML"),
        ("\n[agents.x]\ndriver = 'ssh'\n", "line 2: driver 'ssh' is not one of"),
        ("[agents.x]\ncomand = ['a']\n", "unknown key 'comand'"),
        ("[agents.x]\ncommand = 'a'\n", "wrong type"),
        ("agents = 3\n", "holds tables"),
        ('check = "a\\nb"\n', "wants a text"),
    ],
)
def test_bad_settings_are_refused_with_place_and_cure(text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        read_layer(text, source="f.toml")


def test_the_nearest_known_key_is_offered() -> None:
    with pytest.raises(SettingsError) as caught:
        read_layer("max_worker = 3", source="f.toml")

    assert caught.value.hint == "Did you mean 'max_workers'?"


def test_a_repository_cannot_set_what_is_personal() -> None:
    with pytest.raises(SettingsError, match="personal"):
        read_layer('theme = "dark"', source=".weft.toml", of_repo=True)


def test_environment_values_are_checked_too() -> None:
    with pytest.raises(SettingsError, match="WEFT_MAX_WORKERS"):
        environment_layer({"WEFT_MAX_WORKERS": "many"})


def test_typed_values_are_read_as_their_kind() -> None:
    assert parse_value("commit_leftovers", "no") is False
    assert parse_value("copy", ".env, .envrc") == (".env", ".envrc")
    assert parse_value("lease_minutes", "0.5") == 0.5


@pytest.mark.parametrize("value", ["inf", "1e400", "1e12"])
def test_a_time_beyond_any_date_is_refused(value: str) -> None:
    with pytest.raises(SettingsError, match="line 1: 'lease_minutes' is at most 1000000"):
        read_layer(f"lease_minutes = {value}\n", source="p")
