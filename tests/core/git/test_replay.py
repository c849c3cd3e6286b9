from __future__ import annotations

from core.git.replay import recommitted

OLD, NEW, PARENT = "1" * 40, "2" * 40, "3" * 40
WHO = "Ana <ana@example.org> 1700000000 +0100"


def test_author_encoding_and_message_survive_byte_by_byte() -> None:
    raw = (
        f"tree {OLD}\nparent {OLD}\nauthor {WHO}\ncommitter old\nencoding ISO-8859-1\n"
        "gpgsig -----BEGIN\n  abc\n -----END\n\n"
    ).encode() + b"gr\xfc\xdfe\n\n\nparent of nothing\n"

    made = recommitted(raw, tree=NEW, parents=[PARENT], committer="Me <me@x> 1 +0000")

    assert (
        made
        == (
            f"tree {NEW}\nparent {PARENT}\nauthor {WHO}\ncommitter Me <me@x> 1 +0000\n"
            "encoding ISO-8859-1\n\n"
        ).encode()
        + b"gr\xfc\xdfe\n\n\nparent of nothing\n"
    )


def test_a_commit_without_a_message_stays_without_one() -> None:
    raw = f"tree {OLD}\nauthor {WHO}\ncommitter {WHO}\n\n".encode()

    made = recommitted(raw, tree=NEW, parents=[], committer="Me <me@x> 1 +0000")

    assert made.endswith(b"committer Me <me@x> 1 +0000\n\n")
