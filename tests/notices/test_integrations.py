"""Datadog's own client sets up webhooks, their variables, PagerDuty and Opsgenie services, and reads Slack channels."""

import pytest
from conftest import API_KEY, APP_KEY
from datadog_api_client import ApiClient, Configuration
from datadog_api_client.exceptions import ApiException, NotFoundException
from datadog_api_client.v1.api.pager_duty_integration_api import PagerDutyIntegrationApi
from datadog_api_client.v1.api.slack_integration_api import SlackIntegrationApi
from datadog_api_client.v1.api.webhooks_integration_api import WebhooksIntegrationApi
from datadog_api_client.v1.model.pager_duty_service import PagerDutyService
from datadog_api_client.v1.model.pager_duty_service_key import PagerDutyServiceKey
from datadog_api_client.v1.model.slack_integration_channel import SlackIntegrationChannel
from datadog_api_client.v1.model.webhooks_integration import WebhooksIntegration
from datadog_api_client.v1.model.webhooks_integration_custom_variable import WebhooksIntegrationCustomVariable
from datadog_api_client.v1.model.webhooks_integration_custom_variable_update_request import WebhooksIntegrationCustomVariableUpdateRequest
from datadog_api_client.v1.model.webhooks_integration_encoding import WebhooksIntegrationEncoding
from datadog_api_client.v1.model.webhooks_integration_update_request import WebhooksIntegrationUpdateRequest
from datadog_api_client.v2.api.opsgenie_integration_api import OpsgenieIntegrationApi
from datadog_api_client.v2.model.opsgenie_service_create_attributes import OpsgenieServiceCreateAttributes
from datadog_api_client.v2.model.opsgenie_service_create_data import OpsgenieServiceCreateData
from datadog_api_client.v2.model.opsgenie_service_create_request import OpsgenieServiceCreateRequest
from datadog_api_client.v2.model.opsgenie_service_region_type import OpsgenieServiceRegionType
from datadog_api_client.v2.model.opsgenie_service_type import OpsgenieServiceType
from datadog_api_client.v2.model.opsgenie_service_update_attributes import OpsgenieServiceUpdateAttributes
from datadog_api_client.v2.model.opsgenie_service_update_data import OpsgenieServiceUpdateData
from datadog_api_client.v2.model.opsgenie_service_update_request import OpsgenieServiceUpdateRequest


@pytest.fixture
def client(oriel):
    configuration = Configuration(host=oriel.url)
    configuration.api_key = {"apiKeyAuth": API_KEY, "appKeyAuth": APP_KEY}
    with ApiClient(configuration) as made:
        yield made


def test_webhooks(client):
    api = WebhooksIntegrationApi(client)
    made = api.create_webhooks_integration(WebhooksIntegration(name="ops", url="https://example.com/$TOKEN", payload='{"a": "$EVENT_TITLE"}', custom_headers='{"X-A": "b"}', encode_as=WebhooksIntegrationEncoding.FORM))
    assert (made.name, made.url, str(made.encode_as)) == ("ops", "https://example.com/$TOKEN", "form")
    changed = api.update_webhooks_integration("ops", WebhooksIntegrationUpdateRequest(url="https://example.com/b", encode_as=WebhooksIntegrationEncoding.JSON))
    assert changed.url == "https://example.com/b" and changed.payload == '{"a": "$EVENT_TITLE"}'
    assert api.get_webhooks_integration("ops").custom_headers == '{"X-A": "b"}'
    with pytest.raises(ApiException) as wrong:
        api.create_webhooks_integration(WebhooksIntegration(name="bad", url="nowhere"))
    assert wrong.value.status == 400 and "url" in wrong.value.body["errors"][0]
    with pytest.raises(ApiException) as twice:
        api.create_webhooks_integration(WebhooksIntegration(name="ops", url="https://example.com"))
    assert twice.value.status == 409
    api.delete_webhooks_integration("ops")
    with pytest.raises(NotFoundException):
        api.get_webhooks_integration("ops")


def test_variables_of_webhooks(client):
    api = WebhooksIntegrationApi(client)
    made = api.create_webhooks_integration_custom_variable(WebhooksIntegrationCustomVariable(name="TOKEN", value="secret", is_secret=True))
    assert made.name == "TOKEN" and made.is_secret and "value" not in made.to_dict()
    shown = api.update_webhooks_integration_custom_variable("TOKEN", WebhooksIntegrationCustomVariableUpdateRequest(name="OPEN", value="v", is_secret=False))
    assert (shown.name, shown.value) == ("OPEN", "v")
    with pytest.raises(ApiException):
        api.create_webhooks_integration_custom_variable(WebhooksIntegrationCustomVariable(name="lower", value="v", is_secret=False))
    api.delete_webhooks_integration_custom_variable("OPEN")
    with pytest.raises(NotFoundException):
        api.get_webhooks_integration_custom_variable("OPEN")


def test_pagerduty_services(client, oriel):
    api = PagerDutyIntegrationApi(client)
    assert api.create_pager_duty_integration_service(PagerDutyService(service_name="shop", service_key="k" * 32)).service_name == "shop"
    api.update_pager_duty_integration_service("shop", PagerDutyServiceKey(service_key="l" * 32))
    assert api.get_pager_duty_integration_service("shop").service_name == "shop"
    assert {"handle": "@pagerduty-shop", "channel": "pagerduty"} in oriel.get("/api/ui/handles", text="shop").json()["handles"]
    api.delete_pager_duty_integration_service("shop")
    with pytest.raises(NotFoundException):
        api.get_pager_duty_integration_service("shop")


def test_opsgenie_services(client):
    api = OpsgenieIntegrationApi(client)
    attributes = OpsgenieServiceCreateAttributes(name="team", opsgenie_api_key="key", region=OpsgenieServiceRegionType.EU)
    made = api.create_opsgenie_service(OpsgenieServiceCreateRequest(data=OpsgenieServiceCreateData(attributes=attributes, type=OpsgenieServiceType.OPSGENIE_SERVICE)))
    assert str(made.data.attributes.region) == "eu" and made.data.attributes.name == "team"
    change = OpsgenieServiceUpdateAttributes(region=OpsgenieServiceRegionType.CUSTOM, custom_url="https://genie.example.com")
    changed = api.update_opsgenie_service(made.data.id, OpsgenieServiceUpdateRequest(data=OpsgenieServiceUpdateData(attributes=change, id=made.data.id, type=OpsgenieServiceType.OPSGENIE_SERVICE)))
    assert str(changed.data.attributes.region) == "custom" and changed.data.attributes.custom_url == "https://genie.example.com"
    assert [s.id for s in api.list_opsgenie_services().data] == [made.data.id]
    api.delete_opsgenie_service(made.data.id)
    assert api.list_opsgenie_services().data == []


def test_slack_channels_are_read_and_say_how_they_are_set_up(client, oriel):
    api = SlackIntegrationApi(client)
    assert oriel.post("/api/ui/channels", json={"kind": "slack", "name": "ops", "settings": {"url": "https://hooks.example.com/x"}}).status_code == 200
    (channel,) = api.get_slack_integration_channels("main").value
    assert channel.name == "#ops" and channel.display.message
    assert api.get_slack_integration_channel("main", "ops").name == "#ops"
    with pytest.raises(ApiException) as refused:
        api.create_slack_integration_channel("main", SlackIntegrationChannel(name="#x"))
    assert refused.value.status == 400 and "incoming webhook" in refused.value.body["errors"][0]
    api.remove_slack_integration_channel("main", "ops")
    assert api.get_slack_integration_channels("main").value == []
