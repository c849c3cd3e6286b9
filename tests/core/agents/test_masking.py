"""No secret is kept, wherever it stands; text without one stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.agents.masking import MASK, Masker, secret_values
from core.agents.transcript import Transcript, read_page
from core.clock import SystemClock

if TYPE_CHECKING:
    from pathlib import Path

KEY = "c0ffee-and-some-more"
TOKENS = [
    "ghp_" + "A1b2" * 9,
    "github_pat_" + "a1_B" * 10,
    "sk-ant-api03-" + "x-Y_9" * 10,
    "sk-proj-" + "abcdEFGH1234" * 3,
    "AKIA" + "ABCDEFGH12345678",
    "xoxb-1234567890-abcdefghij",
    "AIza" + "x" * 35,
    "npm_" + "a" * 36,
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
    KEY,
]


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("text", ["{}", "key: {},", "a {} b", 'x="{}"', "é{}é"])
def test_a_token_is_masked_wherever_it_stands(token: str, text: str) -> None:
    masked = Masker([KEY]).mask(text.format(token))
    assert masked == text.format(MASK)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("git clone https://ana:pa55word@host/x", f"git clone https://ana:{MASK}@host/x"),
        ("Authorization: Bearer abcdefgh12345", f"Authorization: Bearer {MASK}"),
        ('"x-api-key": "abcdefgh12345"', f'"x-api-key": "{MASK}"'),
        ("export DB_PASSWORD='hunter2hunter2'", f"export DB_PASSWORD='{MASK}'"),
        ('{"user": "ana", "password": "pa55word"}', f'{{"user": "ana", "password": "{MASK}"}}'),
        ('{\\"accessToken\\":\\"abcdefgh12345\\"}', f'{{\\"accessToken\\":\\"{MASK}\\"}}'),
        ("'aws_secret_access_key': 'wJalr/XUtn+'", f"'aws_secret_access_key': '{MASK}'"),
        ("MY_API_KEY=abcdefgh12345 run", f"MY_API_KEY={MASK} run"),
        ("-----BEGIN RSA PRIVATE KEY-----\\nabc", MASK),
    ],
)
def test_passwords_headers_and_assignments_are_masked(text: str, masked: str) -> None:
    assert Masker().mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "token = get_token()", "password: str", "task-0123456789abcdef01234567", "see https://x/y",
        "mask-everything-that-is-secret-in-here", "a risk-assessment-of-the-whole-project",
        '{"token": "The token of the session"}', '{"max_tokens": "unlimited"}', '"token": {"type"',
        "TOKEN=$GITHUB_TOKEN", "KEY", "", "SECRET_KEY=''", "deadbeef" * 5,
    ],
)  # fmt: skip
def test_what_only_speaks_of_secrets_stays(text: str) -> None:
    assert Masker([KEY]).mask(text) == text


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("apart", [False, True])
def test_a_secret_that_two_lines_share_is_in_neither(token: str, *, apart: bool) -> None:
    for cut in range(1, len(token)):
        masker = Masker([KEY])
        first, second = f"see {token[:cut]}", f"{token[cut:]} and on"
        if apart:
            kept = [*masker.lines("output", [first]), *masker.lines("output", [second])]
        else:
            kept = list(masker.lines("output", [first, second]))
        assert longest_piece(token, "\n".join(kept)) <= 20, (cut, kept)
        assert kept[1].endswith(" and on")


def longest_piece(token: str, text: str) -> int:
    """Return how many characters in a row of *token* are in *text*."""
    sizes = range(len(token), 0, -1)
    return next(
        (n for n in sizes if any(token[i : i + n] in text for i in range(len(token) - n + 1))), 0
    )


def test_a_private_key_of_many_lines_leaves_nothing_behind() -> None:
    masker = Masker()
    body = ["MIIEpAIBAAKCAQEA" + "x" * 48] * 20
    begin, end = "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"
    kept = [*masker.lines("output", ["cat key", begin, *body]), *masker.lines("output", body)]
    kept += masker.lines("output", [end, "done"])

    assert set(kept) == {"cat key", MASK, "done"}
    assert kept[-1] == "done"


def test_kinds_do_not_close_each_others_secrets() -> None:
    masker = Masker()
    masker.lines("output", ["ghp_" + "a" * 10])
    assert masker.lines("message", ["b" * 30]) == ["b" * 30]


def test_which_variables_are_secret_is_told_by_their_names() -> None:
    environment = {
        "ANTHROPIC_API_KEY": "key-of-ana-1",
        "GITHUB_TOKEN": "token-of-ana",
        "DATABASE_URL": "postgresql://ana:pa55word99@host/db",
        "DB_PASSWORD": "short",
        "PATH": "/usr/bin:/bin",
        "WEFT_TASK": "task-12",
    }
    assert secret_values(environment) == ("key-of-ana-1", "pa55word99", "token-of-ana")


def test_a_transcript_keeps_no_secret(tmp_path: Path) -> None:
    file = tmp_path / "transcript.jsonl"
    now = SystemClock().now()
    with Transcript(file, masker=Masker(["value-of-a-variable"])) as transcript:
        transcript.append("output", ["x=value-of-a-variable", "plain", TOKENS[0][:9]], now)
        transcript.append("output", [TOKENS[0][9:]], now)
        transcript.append("error", ["failed with value-of-a-variable"], now)

    raw = file.read_text(encoding="utf-8")
    assert "value-of-a-variable" not in raw
    assert TOKENS[0][9:] not in raw
    texts = [line.text for line in read_page(file).lines]
    assert texts == [f"x={MASK}", "plain", MASK, MASK, f"failed with {MASK}"]


@settings(deadline=None)
@given(st.lists(st.text(max_size=40), max_size=6))
def test_lines_come_out_one_for_one_whatever_they_hold(lines: list[str]) -> None:
    masker = Masker([KEY])
    assert len(masker.lines("output", lines)) == len(lines)
    assert masker.mask("\n".join(lines)).count("\n") == "\n".join(lines).count("\n")
