import base64
import ipaddress
import json
from datetime import timedelta
from pathlib import Path

import pytest
from footfall_alerting.settings import AlertingSettings
from footfall_chassis.settings import SettingsError

SECRET = "whsec_" + base64.b64encode(b"a" * 32).decode()
SHOP = {"id": "shop", "url": "https://shop.example/hook", "secret": SECRET, "event_types": ["inventory.low"]}


def endpoints(monkeypatch: pytest.MonkeyPatch, *given: dict[str, object], **fields: object) -> AlertingSettings:
    monkeypatch.setenv("ALERTING_ENDPOINTS", json.dumps(given or [SHOP | fields]))
    return AlertingSettings.load()


def test_without_any_variable_nothing_is_sent_and_that_is_told() -> None:
    settings = AlertingSettings.load()

    assert settings.receivers() == ()
    assert settings.cautions() == (
        "no endpoint is set, so nothing is sent: set ALERTING_WEBHOOK_URL or ALERTING_ENDPOINTS",
    )


def test_two_variables_name_one_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERTING_WEBHOOK_URL", "https://shop.example/hook")
    monkeypatch.setenv("ALERTING_WEBHOOK_SECRET", SECRET)

    settings = AlertingSettings.load()
    (endpoint,) = settings.receivers()

    assert (endpoint.id, endpoint.address) == ("default", "https://shop.example/hook")
    assert endpoint.event_types is None
    assert settings.cautions() == ()


def test_a_list_and_a_file_add_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "endpoints.json"
    file.write_text(json.dumps([SHOP | {"id": "other"}]))
    monkeypatch.setenv("ALERTING_ENDPOINTS_FILE", str(file))
    monkeypatch.setenv("ALERTING_WEBHOOK_URL", "https://unused.example/")

    assert [endpoint.id for endpoint in endpoints(monkeypatch).receivers()] == ["shop", "other"]


@pytest.mark.parametrize("url", ["http://192.168.0.7/", "http://localhost.example/", "http://127.0.0.1.example/"])
def test_the_development_secret_stays_on_this_machine(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("ALERTING_ALLOW_HTTP", "true")
    monkeypatch.setenv("ALERTING_WEBHOOK_URL", url)

    with pytest.raises(SettingsError, match=r"ALERTING_WEBHOOK_SECRET: .*the development secret is public"):
        AlertingSettings.load()


@pytest.mark.parametrize("url", ["http://127.0.0.2:1/", "http://localhost:1/", "http://host.docker.internal:8201/"])
def test_this_machine_is_sent_the_development_secret(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("ALERTING_ALLOW_HTTP", "true")
    monkeypatch.setenv("ALERTING_WEBHOOK_URL", url)

    assert [endpoint.address for endpoint in AlertingSettings.load().receivers()] == [url]


def test_http_must_be_allowed_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match=r"endpoint shop has an http: address.*ALERTING_ALLOW_HTTP=true"):
        endpoints(monkeypatch, url="http://shop.example/")


def test_what_is_relaxed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERTING_ALLOW_HTTP", "true")
    monkeypatch.setenv("ALERTING_ALLOWED_NETWORKS", "127.0.0.0/8, ::1/128")

    settings = endpoints(monkeypatch, url="http://127.0.0.1:1/")

    assert settings.allowed_networks == (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
    assert settings.cautions() == (
        "ALERTING_ALLOW_HTTP lets webhooks go out unencrypted",
        "ALERTING_ALLOWED_NETWORKS lets webhooks go to 127.0.0.0/8, ::1/128",
    )


def test_the_schedule_is_that_of_the_specification() -> None:
    settings = AlertingSettings.load()

    assert [delay.total_seconds() for delay in settings.retry_delays] == [5, 300, 1800, 7200, 18000, 36000]
    assert (settings.retry_every, settings.retry_for) == (timedelta(hours=12), timedelta(hours=72))
    assert settings.disable_after == timedelta(days=5)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7"])
def test_who_lets_others_in_asks_who_they_are(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("ALERTING_HOST", host)
    with pytest.raises(SettingsError, match=r"ALERTING_HOST=.*ALERTING_TOKEN.*ALERTING_BEHIND_PROXY"):
        AlertingSettings.load()

    monkeypatch.setenv("ALERTING_BEHIND_PROXY", "true")
    assert not AlertingSettings.load().is_local
    monkeypatch.setenv("ALERTING_BEHIND_PROXY", "false")
    monkeypatch.setenv("ALERTING_TOKEN", "x" * 16)
    assert AlertingSettings.load().token.get_secret_value() == "x" * 16


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("ALERTING_ENDPOINTS", "[{", "ALERTING_ENDPOINTS: must be JSON"),
        ("ALERTING_ENDPOINTS", [{"url": "ftp://x/", "secret": "whsec_hush"}], "ALERTING_ENDPOINTS.0"),
        (
            "ALERTING_ENDPOINTS",
            [SHOP | {"sekret": "whsec_hush"}],
            "ALERTING_ENDPOINTS.0: Value error, an endpoint has no field 'sekret'; did you mean secret?",
        ),
        ("ALERTING_ENDPOINTS", [{**SHOP, "id": ""}], "ALERTING_ENDPOINTS.0.id: String should match pattern"),
        (
            "ALERTING_ENDPOINTS",
            [{k: v for k, v in SHOP.items() if k != "id"}],
            "ALERTING_ENDPOINTS.0.id: Field required",
        ),
        ("ALERTING_ENDPOINTS", [SHOP, SHOP], "name endpoint shop twice; give each an id of its own"),
        (
            "ALERTING_ENDPOINTS",
            [SHOP | {"event_types": ["inventory.loww"]}],
            "0.event_types: Value error, there is no event type 'inventory.loww'; did you mean inventory.low?",
        ),
        (
            "ALERTING_ENDPOINTS",
            [SHOP | {"event_types": []}],
            "ALERTING_ENDPOINTS.0.event_types: Value error, an empty list",
        ),
        (
            "ALERTING_ENDPOINTS",
            [SHOP | {"products": [" "]}],
            "ALERTING_ENDPOINTS.0.products: Value error, an empty list",
        ),
        (
            "ALERTING_ENDPOINTS",
            [SHOP | {"warehouses": []}],
            "ALERTING_ENDPOINTS.0.warehouses: Value error, an empty list",
        ),
        (
            "ALERTING_ENDPOINTS",
            [SHOP | {"min_severity": "warn"}],
            "ALERTING_ENDPOINTS.0.min_severity: Value error, there is no severity 'warn'; did you mean warning?",
        ),
        (
            "ALERTING_ENDPOINTS",
            [SHOP | {"min_severity": ""}],
            "there is no severity ''; choose from info, warning, critical",
        ),
        ("ALERTING_ENDPOINTS", [SHOP | {"rate": 0}], "ALERTING_ENDPOINTS.0.rate"),
        ("ALERTING_ENDPOINTS", [SHOP | {"previous_secret": "whsec_hush"}], "ALERTING_ENDPOINTS.0.previous_secret"),
        ("ALERTING_ENDPOINTS", [SHOP | {"signing_key": "whsk_hush"}], "ALERTING_ENDPOINTS.0.signing_key"),
        (
            "ALERTING_ENDPOINTS",
            [SHOP | {"headers": {"Host": "hush"}}],
            "ALERTING_ENDPOINTS.0.headers: Value error, header 'Host' is set by Footfall itself",
        ),
        ("ALERTING_ENDPOINTS", [SHOP | {"headers": {"X": "hush\r\nY: 1"}}], "header 'X' cannot be sent"),
        ("ALERTING_ENDPOINTS", [SHOP | {"headers": {"X Y": "hush"}}], "header 'X Y' cannot be sent"),
        ("ALERTING_ENDPOINTS_FILE", "/nowhere/at/all", "ALERTING_ENDPOINTS_FILE"),
        ("ALERTING_WEBHOOK_URL", "shop.example", "ALERTING_WEBHOOK_URL"),
        ("ALERTING_RETRY_DELAYS", "5s,soon", "ALERTING_RETRY_DELAYS"),
        ("ALERTING_RETRY_DELAYS", "0s", "ALERTING_RETRY_DELAYS"),
        ("ALERTING_RETRY_EVERY", "0s", "ALERTING_RETRY_EVERY"),
        ("ALERTING_RETRY_FOR", "31d", "ALERTING_RETRY_FOR"),
        ("ALERTING_DISABLE_AFTER", "0s", "ALERTING_DISABLE_AFTER"),
        ("ALERTING_QUEUE_SIZE", "0", "ALERTING_QUEUE_SIZE"),
        ("ALERTING_ALLOWED_NETWORKS", "10.0.0.1/8", "write a network such as 10.0.0.0/8"),
        ("ALERTING_ALLOWED_NETWORKS", "localhost", "write a network such as 10.0.0.0/8"),
        ("ALERTING_DASHBOARD_URL", "the page", "ALERTING_DASHBOARD_URL"),
        ("ALERTING_TOKEN", "hush", "ALERTING_TOKEN: Value error, write at least 16 characters"),
        ("ALERTING_HISTORY_DAYS", "0", "ALERTING_HISTORY_DAYS"),
        ("ALERTING_HISTORY_BYTES", "5", "ALERTING_HISTORY_BYTES"),
        ("ALERTING_PORT", "0", "ALERTING_PORT"),
        ("ALERTING_TOPIC_PREFIX", "a_b", "ALERTING_TOPIC_PREFIX"),
        ("ALERTING_ALLOW_HTTPS", "true", "there is no such setting; did you mean ALERTING_ALLOW_HTTP?"),
    ],
)
def test_a_wrong_setting_is_named_and_its_secrets_are_not(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: object, says: str
) -> None:
    monkeypatch.setenv(variable, value if isinstance(value, str) else json.dumps(value))

    with pytest.raises(SettingsError) as caught:
        AlertingSettings.load()

    assert says in str(caught.value)
    assert "hush" not in str(caught.value)


def test_a_wrong_secret_of_the_only_endpoint_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERTING_WEBHOOK_URL", "https://shop.example/")
    monkeypatch.setenv("ALERTING_WEBHOOK_SECRET", "whsec_hush")

    with pytest.raises(SettingsError, match=r"ALERTING_WEBHOOK_SECRET: secret: ") as caught:
        AlertingSettings.load()
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


def test_no_delays_leave_the_regular_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERTING_RETRY_DELAYS", "")

    assert AlertingSettings.load().retry_delays == ()


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = endpoints(monkeypatch, previous_secret=SECRET, headers={"X-Key": "hush"})

    assert SECRET not in repr(settings)
    assert "hush" not in repr(settings)


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
