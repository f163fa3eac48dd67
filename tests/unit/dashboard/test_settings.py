"""What the live page can be told, and what it refuses: to be open to others without asking who they are."""

import pytest
from footfall_chassis.settings import SettingsError
from footfall_dashboard.settings import DashboardSettings
from footfall_health.shop import ShopSettings

TOKEN = "0123456789abcdef"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for variable in DashboardSettings.variables():
        monkeypatch.delenv(variable, raising=False)
    return monkeypatch


def test_by_default_it_is_for_this_machine_alone(told: pytest.MonkeyPatch) -> None:
    settings = DashboardSettings.load()

    assert (settings.host, settings.port, settings.is_local) == ("127.0.0.1", 8090, True)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "dashboard.example", ""])
def test_open_to_others_it_wants_a_token_or_a_proxy(told: pytest.MonkeyPatch, host: str) -> None:
    told.setenv("DASHBOARD_HOST", host)
    with pytest.raises(SettingsError, match=r"set DASHBOARD_TOKEN .* or DASHBOARD_BEHIND_PROXY=true"):
        DashboardSettings.load()

    told.setenv("DASHBOARD_BEHIND_PROXY", "true")
    assert not DashboardSettings.load().is_local

    told.setenv("DASHBOARD_BEHIND_PROXY", "false")
    told.setenv("DASHBOARD_TOKEN", TOKEN)
    assert TOKEN not in repr(DashboardSettings.load())


@pytest.mark.parametrize("host", ["localhost", "127.0.0.2", "::1"])
def test_names_of_this_machine_need_none(told: pytest.MonkeyPatch, host: str) -> None:
    told.setenv("DASHBOARD_HOST", host)

    assert DashboardSettings.load().is_local


def test_a_token_that_can_be_guessed_is_refused_and_not_shown(told: pytest.MonkeyPatch) -> None:
    told.setenv("DASHBOARD_TOKEN", TOKEN[:-1])

    with pytest.raises(SettingsError, match=r"DASHBOARD_TOKEN: .*at least 16 characters") as refused:
        DashboardSettings.load()
    assert TOKEN[:-1] not in str(refused.value)


def test_a_time_zone_that_does_not_exist_is_refused(told: pytest.MonkeyPatch) -> None:
    told.setenv("ANALYTICS_TIME_ZONE", "Europe/Nowhere")

    with pytest.raises(SettingsError, match=r"ANALYTICS_TIME_ZONE: .*use one such as UTC or Europe/Berlin"):
        DashboardSettings.load()


def test_a_misspelt_setting_is_refused_by_name(told: pytest.MonkeyPatch) -> None:
    told.setenv("DASHBOARD_TOKN", TOKEN)

    with pytest.raises(
        SettingsError, match=r"DASHBOARD_TOKN: there is no such setting; did you mean DASHBOARD_TOKEN\?"
    ):
        DashboardSettings.load()


def test_what_analytics_alone_knows_of_itself_is_no_mistake(told: pytest.MonkeyPatch) -> None:
    told.setenv("ANALYTICS_VIEWS", "event_counts")
    told.setenv("ANALYTICS_STATE_BACKEND", "rocksdb")

    assert ShopSettings.load().job_name == "footfall"
