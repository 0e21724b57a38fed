"""A device that enrols with the fleet provisioning client of the AWS IoT Device SDK v2 for Python (PyPI: awsiotsdk).

usage: fleet_device.py MODE PORT FOLDER TEMPLATE TOPIC PARAMETERS

MODE is `keys` (MQTT 5, keys from the service) or `csr` (MQTT 3.1.1, FOLDER/device.csr and FOLDER/device.key). FOLDER holds
ca.pem and the claim's cert.pem and key.pem. Enrols, connects as its thing with its own certificate, publishes once to TOPIC, in
which `{thing}` stands for its name, with QoS 1, and prints what it was told as JSON; exits 1 with the service's error when it is rejected.
"""

import json
import sys
from concurrent.futures import Future
from pathlib import Path

from awscrt import mqtt, mqtt5, mqtt_request_response
from awsiot import iotidentity, mqtt5_client_builder, mqtt_connection_builder
from awsiot import V2ServiceException

PATIENCE_SECONDS = 30


class Mqtt5:
    def __init__(self, **options):
        self.connected, self.stopped = Future(), Future()

        def failed(data):
            if not self.connected.done():
                self.connected.set_exception(data.exception)

        self.client = mqtt5_client_builder.mtls_from_bytes(
            on_lifecycle_connection_success=lambda _: self.connected.set_result(None),
            on_lifecycle_connection_failure=failed,
            on_lifecycle_stopped=lambda _: self.stopped.set_result(None),
            **options,
        )
        self.client.start()
        self.connected.result(PATIENCE_SECONDS)

    def publish(self, topic, payload):
        message = mqtt5.PublishPacket(topic=topic, payload=payload, qos=mqtt5.QoS.AT_LEAST_ONCE)
        reason = self.client.publish(message).result(PATIENCE_SECONDS).puback.reason_code
        if reason != mqtt5.PubackReasonCode.SUCCESS:
            raise RuntimeError(f"PUBACK {reason}")

    def close(self):
        self.client.stop()
        self.stopped.result(PATIENCE_SECONDS)


class Mqtt3:
    def __init__(self, **options):
        self.client = mqtt_connection_builder.mtls_from_bytes(clean_session=True, **options)
        self.client.connect().result(PATIENCE_SECONDS)

    def publish(self, topic, payload):
        published, _ = self.client.publish(topic, payload, mqtt.QoS.AT_LEAST_ONCE)
        published.result(PATIENCE_SECONDS)

    def close(self):
        self.client.disconnect().result(PATIENCE_SECONDS)


def enrol(client, mode, folder, template, parameters):
    options = mqtt_request_response.ClientOptions(
        max_request_response_subscriptions=4,
        max_streaming_subscriptions=0,
        operation_timeout_in_seconds=PATIENCE_SECONDS,
    )
    identity = iotidentity.IotIdentityClientV2(client, options)
    if mode == "keys":
        request = iotidentity.CreateKeysAndCertificateRequest()
        made = identity.create_keys_and_certificate(request).result(PATIENCE_SECONDS)
        key = made.private_key
    else:
        csr = (folder / "device.csr").read_text()
        request = iotidentity.CreateCertificateFromCsrRequest(certificate_signing_request=csr)
        made = identity.create_certificate_from_csr(request).result(PATIENCE_SECONDS)
        key = (folder / "device.key").read_text()
    request = iotidentity.RegisterThingRequest(
        template_name=template,
        certificate_ownership_token=made.certificate_ownership_token,
        parameters=parameters,
    )
    registered = identity.register_thing(request).result(PATIENCE_SECONDS)
    return made, key, registered


def main():
    mode, port, folder, template, topic, parameters = sys.argv[1:]
    folder = Path(folder)
    transport = {"keys": Mqtt5, "csr": Mqtt3}[mode]
    common = {"endpoint": "localhost", "port": int(port), "ca_bytes": (folder / "ca.pem").read_bytes()}
    claim = transport(
        client_id=f"claim-{mode}",
        cert_bytes=(folder / "cert.pem").read_bytes(),
        pri_key_bytes=(folder / "key.pem").read_bytes(),
        **common,
    )
    try:
        made, key, registered = enrol(claim.client, mode, folder, template, json.loads(parameters))
    except V2ServiceException as rejected:
        error = rejected.modeled_error
        print(f"{error.status_code} {error.error_code}: {error.error_message}", file=sys.stderr)
        sys.exit(1)
    claim.close()
    device = transport(
        client_id=registered.thing_name,
        cert_bytes=made.certificate_pem.encode(),
        pri_key_bytes=key.encode(),
        **common,
    )
    device.publish(topic.replace("{thing}", registered.thing_name), mode)
    device.close()
    told = {
        "certificateId": made.certificate_id,
        "thingName": registered.thing_name,
        "deviceConfiguration": registered.device_configuration,
    }
    print(json.dumps(told))


main()
