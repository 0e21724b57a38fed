"""high-temp-processor in Python, as it is usually written: boto3 clients at module level, one handler function.

It makes the same AWS calls with the same content in the same order as the Rust function, and checks and logs as much.
It does less otherwise: it keeps no samples, so that it knows no debounce, no hysteresis, no flapping and no late
reading. The loop at the end replaces awslambdaric, which is not needed to measure.
"""

import hashlib
import http.client
import json
import logging
import math
import os
import re
import sys
import traceback
from datetime import datetime, timezone

import boto3
from botocore.config import Config

CONFIG = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "max_attempts": 3})
dynamodb = boto3.client("dynamodb", config=CONFIG)
sns = boto3.client("sns", config=CONFIG)
sqs = boto3.client("sqs", config=CONFIG)
# Given as an argument, an endpoint switches off endpoint discovery, as the Rust function does.
timestream = boto3.client("timestream-write", config=CONFIG, endpoint_url=os.environ.get("AWS_ENDPOINT_URL"))

FUNCTION = "high-temp-processor"
STORE_ABOVE = float(os.environ["HIGH_TEMP_CELSIUS"])
LADDER = [
    (float(limit), severity)
    for limit, severity in (step.split("=") for step in os.environ["ALARM_LADDER_CELSIUS"].split(","))
]
SILENCE_MS = int(os.environ["SILENCE_SECONDS"]) * 1000
READING_TTL_S = int(os.environ["READING_TTL_DAYS"]) * 86400
HIGH_TEMPS = os.environ["HIGH_TEMPS_TABLE"]
ALARMS = os.environ["ALARMS_TABLE"]
OUTBOX = os.environ["OUTBOX_TABLE"]
PROPERTIES = os.environ["PROPERTIES_TABLE"]
TOPIC = os.environ["ALARM_TOPIC_ARN"]
REFUSED = os.environ["REFUSED_QUEUE_URL"]
DATABASE = os.environ["TIMESTREAM_DATABASE"]
TABLE = os.environ["TIMESTREAM_TABLE"]

THING = re.compile(r"sci-(.+)-([a-z]+)-(\d+)")
DAY_MS = 24 * 3600 * 1000
AHEAD_MS = 5 * 60 * 1000

logging.basicConfig(stream=sys.stdout, format="%(message)s", level=logging.WARNING)
log = logging.getLogger(FUNCTION)
log.setLevel(logging.INFO)


class Refusal(Exception):
    def __init__(self, reason, detail):
        super().__init__(detail)
        self.reason = reason


def need(event, name, kind):
    value = event.get(name)
    if value is None:
        raise Refusal("missing-field", f"{name} is missing")
    if not isinstance(value, kind) or isinstance(value, bool):
        raise Refusal("wrong-type", f"{name} has the wrong type")
    return value


def checked(event):
    if need(event, "type", str) != "reading" or need(event, "source", str) != "environmental":
        raise Refusal("unknown-event-type", "type must be reading, source environmental")
    thing = need(event, "thing", str)
    if len(need(event, "payload", str)) * 3 // 4 > 128 * 1024 + 2:
        raise Refusal("payload-too-large", "the device's payload is longer than 128 KB")
    placement = THING.fullmatch(thing)
    if not placement:
        raise Refusal("invalid-thing-name", "thing is not sci-<property>-<type>-<serial>")
    prop, kind = placement.group(1), placement.group(2)
    claims = (need(event, "claimed_property", str), need(event, "claimed_type", str))
    topic = f"sci/properties/{thing}/environmental"
    if need(event, "client_id", str) != thing or claims != (prop, kind) or need(event, "topic", str) != topic:
        raise Refusal("identity-mismatch", "the payload or the topic names another device")
    principal = need(event, "principal", str)
    received, at = need(event, "received_at", int), need(event, "device_timestamp", int)
    if at < 100_000_000_000:
        raise Refusal("timestamp-in-seconds", "device_timestamp must be in milliseconds")
    if at < received - DAY_MS:
        raise Refusal("timestamp-too-old", "device_timestamp is older than a day")
    if at > received + AHEAD_MS:
        raise Refusal("timestamp-in-future", "device_timestamp is ahead by more than five minutes")
    temperature = float(need(event, "temperature", (int, float)))
    if not math.isfinite(temperature) or not -55 <= temperature <= 125:
        raise Refusal("temperature-out-of-range", "temperature must be from -55 to 125")
    humidity = event.get("humidity")
    if humidity is not None and not 0 <= float(need(event, "humidity", (int, float))) <= 100:
        raise Refusal("humidity-out-of-range", "humidity must be from 0 to 100")
    return {
        "thing": thing, "property": prop, "device_type": kind, "at": at, "received_at": received,
        "principal": principal, "trace_id": event.get("trace_id"), "temperature": temperature, "humidity": humidity,
    }


def rfc3339(millis):
    text = datetime.fromtimestamp(millis / 1000, timezone.utc).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def s(value):
    return {"S": value}


def n(value):
    return {"N": str(value)}


def load(alarm_id, prop):
    answer = dynamodb.batch_get_item(
        RequestItems={
            ALARMS: {"Keys": [{"alarm_id": s(alarm_id)}], "ConsistentRead": True},
            PROPERTIES: {"Keys": [{"property_id": s(prop)}]},
        }
    )
    alarms = answer["Responses"].get(ALARMS) or [None]
    return alarms[0]


def severity_of(temperature):
    reached = [severity for limit, severity in LADDER if temperature > limit]
    return reached[-1] if reached else None


def row_of(reading):
    row = {
        "deviceId": s(reading["thing"]),
        "timestamp": s(rfc3339(reading["at"])),
        "temperature": n(reading["temperature"]),
        "received_at": s(rfc3339(reading["received_at"])),
        "principal": s(reading["principal"]),
        "expires_at": n(reading["received_at"] // 1000 + READING_TTL_S),
        "property_id": s(reading["property"]),
        "device_type": s(reading["device_type"]),
    }
    if reading["humidity"] is not None:
        row["humidity"] = n(reading["humidity"])
    if reading["trace_id"] is not None:
        row["trace_id"] = s(reading["trace_id"])
    return {
        "TableName": HIGH_TEMPS,
        "Item": row,
        "ConditionExpression": "attribute_not_exists(#key)",
        "ExpressionAttributeNames": {"#key": "deviceId"},
    }


def alarm_of(reading, alarm_id, before, severity):
    version = int(before["version"]["N"]) + 1 if before else 1
    document = {"thing": reading["thing"], "property": reading["property"], "version": version, "severity": severity,
                "last": [reading["at"], reading["temperature"]], "updated_at": reading["received_at"]}
    item = {
        "alarm_id": s(alarm_id),
        "version": n(version),
        "state": s("active" if severity else "normal"),
        "acknowledged": {"BOOL": False},
        "thing": s(reading["thing"]),
        "alarm_kind": s("temperature"),
        "updated_at": s(rfc3339(reading["received_at"])),
        "document": s(json.dumps(document)),
        "property": s(reading["property"]),
        "value": n(reading["temperature"]),
    }
    if severity:
        item["kind"] = s("temperature")
        item["due_at"] = n(reading["at"] + SILENCE_MS)
        item["severity"] = s(severity)
        item["since"] = s(rfc3339(reading["at"]))
        item["peak"] = n(reading["temperature"])
    put = {"TableName": ALARMS, "Item": item}
    if before:
        put["ConditionExpression"] = "#version = :before"
        put["ExpressionAttributeNames"] = {"#version": "version"}
        put["ExpressionAttributeValues"] = {":before": n(version - 1)}
    else:
        put["ConditionExpression"] = "attribute_not_exists(#key)"
        put["ExpressionAttributeNames"] = {"#key": "alarm_id"}
    return put, version


def notification_of(reading, alarm_id, version, severity):
    notification_id = f"{alarm_id}#{version}"
    text = (
        f"Alarm raised: temperature at {reading['thing']} in {reading['property']}.\n"
        f"Temperature: {reading['temperature']} °C\n"
        f"Began: {rfc3339(reading['at'])}\nLast measured: {rfc3339(reading['at'])}\nNotification: {notification_id}"
    )
    attributes = {
        "property": reading["property"], "severity": severity, "kind": "temperature", "transition": "raised",
        "thing": reading["thing"], "notification_id": notification_id,
    }
    item = {
        "notification_id": s(notification_id),
        "family": s("temperature"),
        "attempts": n(1),
        "claimed_at": n(reading["received_at"]),
        "created_at": s(rfc3339(reading["received_at"])),
        "document": s(json.dumps({**attributes, "text": text})),
    }
    return notification_id, text, attributes, {"TableName": OUTBOX, "Item": item}


def tell(reading, notification_id, text, attributes, severity):
    sns.publish(
        TopicArn=TOPIC,
        Subject=f"{severity.upper()} temperature alarm raised: {reading['thing']}"[:99],
        Message=text,
        MessageAttributes={
            **{name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()},
            "attempt": {"DataType": "Number", "StringValue": "1"},
        },
    )
    dynamodb.delete_item(TableName=OUTBOX, Key={"notification_id": s(notification_id)})


def record(reading):
    values = [{"Name": "temperature", "Value": str(reading["temperature"]), "Type": "DOUBLE"}]
    if reading["humidity"] is not None:
        values.append({"Name": "humidity", "Value": str(float(reading["humidity"])), "Type": "DOUBLE"})
    dimensions = {"thing": reading["thing"], "property_id": reading["property"], "device_type": reading["device_type"]}
    timestream.write_records(
        DatabaseName=DATABASE,
        TableName=TABLE,
        Records=[
            {
                "MeasureName": "environment",
                "MeasureValueType": "MULTI",
                "Time": str(reading["at"]),
                "TimeUnit": "MILLISECONDS",
                "Version": reading["received_at"],
                "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
                "MeasureValues": values,
            }
        ],
    )


def handle_reading(event):
    reading = checked(event)
    alarm_id = f"{reading['thing']}#temperature"
    before = load(alarm_id, reading["property"])
    severity = severity_of(reading["temperature"])
    puts = []
    if reading["temperature"] > STORE_ABOVE:
        puts.append(row_of(reading))
    alarm, version = alarm_of(reading, alarm_id, before, severity)
    puts.append(alarm)
    raised = severity is not None and not (before and "severity" in before)
    if raised:
        notification_id, text, attributes, outbox = notification_of(reading, alarm_id, version, severity)
        puts.append(outbox)
    if len(puts) == 1:
        dynamodb.put_item(**puts[0])
    else:
        token = hashlib.sha256(json.dumps(puts, sort_keys=True).encode()).hexdigest()[:32]
        dynamodb.transact_write_items(TransactItems=[{"Put": put} for put in puts], ClientRequestToken=token)
    answer = {"outcome": "stored" if reading["temperature"] > STORE_ABOVE else "quiet"}
    if raised:
        tell(reading, notification_id, text, attributes, severity)
        answer.update(transition="raised", severity=severity, notification_id=notification_id)
    record(reading)
    answer.update(thing=reading["thing"], trace_id=reading["trace_id"])
    return answer


def refuse(refusal, text):
    body = {"reason": refusal.reason, "detail": str(refusal), "function": FUNCTION, "event": text}
    names = {"reason": refusal.reason, "function": FUNCTION}
    sqs.send_message(
        QueueUrl=REFUSED,
        MessageBody=json.dumps(body),
        MessageAttributes={name: {"DataType": "String", "StringValue": value} for name, value in names.items()},
    )
    return {"outcome": "refused", "reason": refusal.reason}


def count(now, name, dimension=None, value=None):
    names = ["function"] + ([dimension] if dimension else [])
    line = {"function": FUNCTION, name: 1, "_aws": {"Timestamp": now, "CloudWatchMetrics": [{
        "Namespace": "SCI/PropertyIoT", "Dimensions": [names], "Metrics": [{"Name": name, "Unit": "Count"}]}]}}
    if dimension:
        line[dimension] = value
    log.info(json.dumps(line))


def handler(text):
    try:
        answer = handle_reading(json.loads(text))
    except Refusal as refusal:
        answer = refuse(refusal, text)
    now = datetime.now(timezone.utc)
    log.info(json.dumps({"timestamp": now.isoformat(), "level": "INFO", "message": answer["outcome"], **answer}))
    millis = int(now.timestamp() * 1000)
    count(millis, "Messages", "outcome", answer["outcome"])
    for name, field in (("Refusals", "reason"), ("Transitions", "transition")):
        if field in answer:
            count(millis, name, field, answer[field])
    return answer


def main():
    runtime = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    base = "/2018-06-01/runtime/invocation/"
    while True:
        runtime.request("GET", base + "next")
        response = runtime.getresponse()
        text = response.read().decode()
        request_id = response.headers["Lambda-Runtime-Aws-Request-Id"]
        try:
            path, body = "/response", json.dumps(handler(text))
        except Exception as error:
            path, body = "/error", json.dumps(
                {"errorType": type(error).__name__, "errorMessage": str(error), "stackTrace": traceback.format_exc()}
            )
        runtime.request("POST", base + request_id + path, body, {"Content-Type": "application/json"})
        runtime.getresponse().read()


if __name__ == "__main__":
    main()
