import base64
import io
import json
from pathlib import Path

import pytest

from tools import keys

SECRET = "tOp-sEcReT"


def run(text: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> tuple[int, str, str]:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    status = keys.main(["-"])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_a_file_becomes_one_line_of_base64_of_its_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = {"340884": {"apiKey": SECRET, "dsUser": "u", "dsPassword": "p"}, "default": {"apiKey": "other"}}
    file = tmp_path / "keys.json"
    file.write_text(json.dumps(content, indent=4))

    assert keys.main([str(file)]) == 0

    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    assert json.loads(base64.b64decode(printed)) == content


def test_the_order_and_layout_of_the_file_do_not_change_the_value() -> None:
    one = keys.parse('{"1": {"apiKey": "a", "apiSecret": "s"}, "2": {"apiKey": "b"}}')
    two = keys.parse('{"2":{"apiKey":"b"},\n"1":{"apiSecret":"s","apiKey":"a"}}')
    assert keys.encode(one) == keys.encode(two)
    assert keys.decode(keys.encode(one)) == one


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", ["not JSON", "line 1"]),
        ("[]", ["JSON object by PCN"]),
        ("{}", ["JSON object by PCN"]),
        (f'{{"plant": {{"apiKey": "{SECRET}"}}}}', ["plant", "PCN", "default"]),
        (f'{{"1": "{SECRET}"}}', ["1", "object with apiKey"]),
        ('{"1": {}}', ["1", "lacks apiKey"]),
        (f'{{"1": {{"apikey": "{SECRET}"}}}}', ["apikey", "known are", "apiKey"]),
        ('{"1": {"apiKey": ""}}', ["apiKey", "not empty"]),
        ('{"1": {"apiKey": 5}}', ["apiKey", "text"]),
        (f'{{"1": {{"apiKey": "{SECRET} "}}}}', ["apiKey", "space"]),
        (f'{{"1": {{"apiKey": "{SECRET}", "dsUser": "u"}}}}', ["dsUser", "go together"]),
        (
            f'{{"default": {{"apiKey": "k", "dsUser": "u", "dsPassword": "{SECRET}"}}}}',
            ["default", "dsUser", "under that PCN"],
        ),
        (f'{{"1": {{"apiKey": "{SECRET}"}}, "1": {{"apiKey": "{SECRET}"}}}}', ["1", "more than once"]),
    ],
)
def test_bad_keys_are_refused_with_the_place_and_never_the_value(
    text: str, words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    status, out, err = run(text, capsys, monkeypatch)
    assert (status, out) == (1, "")
    assert all(word in err for word in words), err
    assert SECRET not in err


@pytest.mark.parametrize("value", ["not base64!", base64.b64encode(b"\xff\xfe").decode(), '{"1": {"apiKey": "k"}}'])
def test_what_is_no_encoded_json_is_refused(value: str) -> None:
    with pytest.raises(keys.KeysError, match="base64 of JSON"):
        keys.decode(value)


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert keys.main([str(tmp_path / "nowhere.json")]) == 1
    assert "nowhere.json" in capsys.readouterr().err


def test_without_a_file_the_usage_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert keys.main([]) == 2
    assert "usage" in capsys.readouterr().err
