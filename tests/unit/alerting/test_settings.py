import base64
import json
from datetime import timedelta
from pathlib import Path

import pytest
from footfall_alerting.settings import AlertingSettings
from footfall_alerting.signing import DEVELOPMENT_SECRET
from footfall_chassis.settings import SettingsError

SECRET = "whsec_" + base64.b64encode(b"a" * 32).decode()
SHOP = {"url": "https://shop.example/hook", "secret": SECRET, "event_types": ["inventory.low"]}


def test_without_any_variable_webhooks_go_to_the_listener() -> None:
    (endpoint,) = AlertingSettings.load().receivers()

    assert endpoint.address == "http://localhost:8201/"
    assert endpoint.secret.get_secret_value() == DEVELOPMENT_SECRET


def test_two_variables_name_one_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERTING_WEBHOOK_URL", "https://shop.example/hook")
    monkeypatch.setenv("ALERTING_WEBHOOK_SECRET", SECRET)

    (endpoint,) = AlertingSettings.load().receivers()

    assert endpoint.address == "https://shop.example/hook"
    assert endpoint.wants("inventory.recovered")


def test_a_list_and_a_file_add_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "endpoints.json"
    file.write_text(json.dumps([SHOP | {"url": "https://other.example/"}]))
    monkeypatch.setenv("ALERTING_ENDPOINTS", json.dumps([SHOP]))
    monkeypatch.setenv("ALERTING_ENDPOINTS_FILE", str(file))

    endpoints = AlertingSettings.load().receivers()

    assert [endpoint.url.host for endpoint in endpoints] == ["shop.example", "other.example"]
    assert endpoints[0].wants("inventory.low")
    assert not endpoints[0].wants("inventory.recovered")


@pytest.mark.parametrize("url", ["http://192.168.0.7/", "http://localhost.example/", "http://127.0.0.1.example/"])
def test_the_development_secret_stays_on_this_machine(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("ALERTING_WEBHOOK_URL", url)

    with pytest.raises(SettingsError, match=r"ALERTING_WEBHOOK_SECRET: .*the development secret is public"):
        AlertingSettings.load()


@pytest.mark.parametrize("url", ["http://127.0.0.2:1/", "http://localhost:1/", "http://host.docker.internal:8201/"])
def test_this_machine_is_sent_the_development_secret(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("ALERTING_WEBHOOK_URL", url)

    assert [endpoint.address for endpoint in AlertingSettings.load().receivers()] == [url]


@pytest.mark.parametrize(
    ("variable", "value", "place"),
    [
        ("ALERTING_ENDPOINTS", "[{", "ALERTING_ENDPOINTS"),
        ("ALERTING_ENDPOINTS", '[{"url":"ftp://x/","secret":"whsec_hush"}]', "ALERTING_ENDPOINTS.0"),
        ("ALERTING_ENDPOINTS", json.dumps([SHOP | {"sekret": "whsec_hush"}]), "ALERTING_ENDPOINTS.0.sekret"),
        ("ALERTING_ENDPOINTS", json.dumps([SHOP, SHOP]), "ALERTING_ENDPOINTS"),
        ("ALERTING_ENDPOINTS_FILE", "/nowhere/at/all", "ALERTING_ENDPOINTS_FILE"),
        ("ALERTING_WEBHOOK_SECRET", "whsec_hush", "ALERTING_WEBHOOK_SECRET"),
        ("ALERTING_RETRY_DELAYS", "5s,soon", "ALERTING_RETRY_DELAYS"),
        ("ALERTING_RETRY_DELAYS", "30s,5s", "ALERTING_RETRY_DELAYS"),
        ("ALERTING_RETRY_DELAYS", "0s", "ALERTING_RETRY_DELAYS"),
        ("ALERTING_PORT", "0", "ALERTING_PORT"),
        ("ALERTING_TOPIC_PREFIX", "a_b", "ALERTING_TOPIC_PREFIX"),
    ],
)
def test_a_wrong_setting_is_named_and_its_secrets_are_not(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, place: str
) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(SettingsError) as caught:
        AlertingSettings.load()

    assert place in str(caught.value)
    assert "hush" not in str(caught.value)


def test_a_wrong_file_is_named_and_its_secrets_are_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "endpoints.json"
    file.write_text(json.dumps([SHOP | {"secret": "whsec_hush"}]))
    monkeypatch.setenv("ALERTING_ENDPOINTS_FILE", str(file))

    with pytest.raises(SettingsError) as caught:
        AlertingSettings.load()

    assert f"ALERTING_ENDPOINTS_FILE: {file}: 0: secret: " in str(caught.value)
    assert "hush" not in str(caught.value)


def test_delays_are_written_as_people_write_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERTING_RETRY_DELAYS", "200ms, 5s,2m")

    assert AlertingSettings.load().retry_delays == (
        timedelta(milliseconds=200),
        timedelta(seconds=5),
        timedelta(minutes=2),
    )


def test_no_delays_mean_no_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERTING_RETRY_DELAYS", "")

    assert AlertingSettings.load().retry_delays == ()


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERTING_ENDPOINTS", json.dumps([SHOP]))

    assert SECRET not in repr(AlertingSettings.load())


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ALERTING_FAULTS_IN_A_ROW", "0"),
        ("ALERTING_FAULTS_IN_A_ROW", "many"),
        ("ALERTING_FAULTS_SHARE", "1.5"),
        ("ALERTING_FAULTS_SHARE", "nan"),
    ],
)
def test_limits_of_faults_must_make_sense(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(SettingsError, match=variable):
        AlertingSettings.load()
