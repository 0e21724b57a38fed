"""A device that shows a token, on the AWS IoT Device SDK v2 for Python (PyPI: awsiotsdk).

usage: TOKEN=… token_device.py MODE PORT CA_FILE AUTHORIZER CLIENT_ID TOPIC PAYLOAD

MODE is `direct` (MQTT 3.1.1 over TLS), `websocket` (MQTT 3.1.1 over WebSocket) or `mqtt5` (MQTT 5 over TLS): the SDK's three
builders for custom authorizers. Publishes once with QoS 1, says so, and ends; exits 1 when it is refused.
"""

import os
import sys
from concurrent.futures import Future

from awscrt import mqtt, mqtt5
from awsiot import mqtt5_client_builder, mqtt_connection_builder

PATIENCE_SECONDS = 30


def publish_mqtt3(build, common, topic, payload):
    connection = build(clean_session=True, **common)
    # The builder for MQTT over TLS insists on 443, where AWS listens and a stand-in may not.
    connection.port = common["port"]
    connection.connect().result(PATIENCE_SECONDS)
    published, _ = connection.publish(topic, payload, mqtt.QoS.AT_LEAST_ONCE)
    published.result(PATIENCE_SECONDS)
    connection.disconnect().result(PATIENCE_SECONDS)


def publish_mqtt5(common, topic, payload):
    connected, stopped = Future(), Future()

    def failed(data):
        if not connected.done():
            connected.set_exception(data.exception)

    client = mqtt5_client_builder.direct_with_custom_authorizer(
        on_lifecycle_connection_success=lambda _: connected.set_result(None),
        on_lifecycle_connection_failure=failed,
        on_lifecycle_stopped=lambda _: stopped.set_result(None),
        **common,
    )
    client.start()
    connected.result(PATIENCE_SECONDS)
    message = mqtt5.PublishPacket(topic=topic, payload=payload, qos=mqtt5.QoS.AT_LEAST_ONCE)
    acknowledged = client.publish(message).result(PATIENCE_SECONDS)
    reason = acknowledged.puback.reason_code
    client.stop()
    stopped.result(PATIENCE_SECONDS)
    if reason != mqtt5.PubackReasonCode.SUCCESS:
        raise RuntimeError(f"PUBACK {reason}")


def main():
    mode, port, ca_file, authorizer, client_id, topic, payload = sys.argv[1:]
    common = {
        "endpoint": "localhost",
        "port": int(port),
        "ca_filepath": ca_file,
        "client_id": client_id,
        "auth_authorizer_name": authorizer,
        "auth_username": "",
        "auth_password": os.environ["TOKEN"],
    }
    builders = {
        "direct": mqtt_connection_builder.direct_with_custom_authorizer,
        "websocket": mqtt_connection_builder.websockets_with_custom_authorizer,
    }
    try:
        if mode == "mqtt5":
            publish_mqtt5(common, topic, payload)
        else:
            publish_mqtt3(builders[mode], common, topic, payload)
    except Exception as refused:  # the SDK's own exceptions have no common type below this one
        print(f"refused: {type(refused).__name__}", file=sys.stderr)
        sys.exit(1)
    print("published")


main()
