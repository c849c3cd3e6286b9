"""What programs that Weft starts learn of the bundle that it may be in: nothing."""

from __future__ import annotations

from core.processes.programs import undo_bundle

BUNDLE = "/opt/weft/_internal"


def test_a_library_path_that_the_bundle_brought_is_taken_out() -> None:
    environ = {"PATH": "/bin", "LD_LIBRARY_PATH": BUNDLE, "_PYI_ARCHIVE_FILE": "/opt/weft/weft"}

    undo_bundle(environ, BUNDLE)

    assert environ == {"PATH": "/bin"}


def test_a_library_path_of_the_persons_own_is_put_back() -> None:
    theirs = {"LD_LIBRARY_PATH": f"{BUNDLE}:/theirs", "LD_LIBRARY_PATH_ORIG": "/theirs"}

    undo_bundle(theirs, BUNDLE)

    assert theirs == {"LD_LIBRARY_PATH": "/theirs"}


def test_a_library_path_that_the_bundle_left_alone_stays() -> None:
    theirs = {"DYLD_LIBRARY_PATH": "/theirs"}

    undo_bundle(theirs, BUNDLE)

    assert theirs == {"DYLD_LIBRARY_PATH": "/theirs"}
