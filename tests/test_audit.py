"""What `make check` makes of the answer about known weaknesses."""

import json

import pytest

from tools.audit import Known, judge

FINE = {"name": "fine", "version": "1.0", "vulns": []}
WEAK = {"name": "weak", "version": "1.0", "vulns": [{"id": "CVE-1", "fix_versions": ["1.1"]}]}
UNASKED = {"name": "unasked", "skip_reason": "not found"}


def test_a_known_weakness_is_named_with_the_version_that_mends_it() -> None:
    said = json.dumps({"dependencies": [FINE, WEAK, UNASKED], "fixes": []})
    assert judge(said) == Known(["weak 1.0: CVE-1, mended in 1.1"], answered=2, unanswered=1)


@pytest.mark.parametrize("said", ["", "[]", json.dumps({"dependencies": [UNASKED]})])
def test_without_an_answer_weaknesses_are_unknown(said: str) -> None:
    assert judge(said).answered == 0
