"""A consumer of the stream that knows schemas/asyncapi.yaml and nothing else of Daybook.

It reads with the official client, committed records only, from offset 0, and checks each record as it comes: dense
positions in the log's topic, an unbroken chain of previous positions in each billing topic, headers, keys, partitions,
and the document's own JSON schema for every CloudEvent.
"""
import collections
import json
import time
import uuid

import confluent_kafka
import jsonschema
import yaml

PATIENCE_S = 90
LOG_TOPIC = "daybook.events"
CHECKPOINT_TOPIC = "daybook.checkpoints"
Record = collections.namedtuple("Record", "position key value")


class Contract:
    """What the document promises of each topic."""

    def __init__(self, path):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        self.payloads, self.headers, self.event_types = {}, {}, set()
        for channel in document["channels"].values():
            (reference,) = [message["$ref"] for message in channel["messages"].values()]
            message = document["components"]["messages"][reference.rsplit("/", 1)[1]]
            topic = channel["address"]
            self.headers[topic] = self.schema(document, message["headers"])
            if topic not in (LOG_TOPIC, CHECKPOINT_TOPIC):
                self.payloads[topic] = self.schema(document, message["payload"])
                self.event_types.update(message["payload"]["allOf"][1]["properties"]["type"]["enum"])
        self.topics = list(self.headers)

    @staticmethod
    def schema(document, part):
        checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
        assert "date-time" in checker.checkers, "times would go unchecked: rfc3339-validator is not installed"
        return jsonschema.Draft202012Validator({"components": document["components"], **part}, format_checker=checker)


class ForeignConsumer:
    def __init__(self, address, contract, prefix, partitions, checks_events=True):
        self.contract, self.prefix, self.checks_events = contract, prefix, checks_events
        self.records = {(topic, partition): [] for topic in contract.topics for partition in range(partitions)}
        self.log_ids, self.event_types = set(), set()
        self.consumer = confluent_kafka.Consumer({
            "bootstrap.servers": address, "group.id": uuid.uuid4().hex, "isolation.level": "read_committed",
            "enable.auto.commit": False, "auto.offset.reset": "error", "enable.partition.eof": True,
            "reconnect.backoff.max.ms": 500, "log_level": 0})
        self.consumer.assign([confluent_kafka.TopicPartition(prefix + topic, partition, 0)
                              for topic, partition in self.records])

    def close(self):
        self.consumer.close()

    def heads(self):
        """The last position seen of each partition of the log's topic."""
        return {partition: records[-1].position if records else 0
                for (topic, partition), records in self.records.items() if topic == LOG_TOPIC}

    def is_at(self, heads):
        """Everything up to these positions was seen, in both forms, and the checkpoint that goes with the last of it."""
        for partition, head in heads.items():
            billing = sum(len(records) for (topic, number), records in self.records.items()
                          if number == partition and topic in self.contract.payloads)
            checkpoints = self.records[CHECKPOINT_TOPIC, partition]
            signed = checkpoints[-1].position if checkpoints else 0
            if self.heads()[partition] < head or billing < head or signed < head:
                return False
        return True

    def read_until(self, condition, what):
        """Takes records until the condition holds."""
        give_up = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < give_up, f"waited {PATIENCE_S} s for {what}; the stream stands at {self.heads()}"
            self.take(self.consumer.poll(0.2))

    def read_to_end(self):
        """Takes everything up to the end of every partition."""
        at_end = set()

        def all_ended():
            return at_end == set(self.records)

        give_up = time.monotonic() + PATIENCE_S
        while not all_ended():
            assert time.monotonic() < give_up, f"the end did not come; the stream stands at {self.heads()}"
            message = self.consumer.poll(0.2)
            if message is not None and message.error() and \
                    message.error().code() == confluent_kafka.KafkaError._PARTITION_EOF:
                at_end.add((message.topic().removeprefix(self.prefix), message.partition()))
            self.take(message)

    def take(self, message):
        if message is None:
            return
        if message.error():
            # The end of a partition, or a broker that is away: the client goes on by itself.
            assert not message.error().fatal(), message.error()
            return
        topic = message.topic().removeprefix(self.prefix)
        place = f"{topic}[{message.partition()}]@{message.offset()}"
        headers = {name: value.decode() for name, value in message.headers()}
        if self.checks_events:
            self.contract.headers[topic].validate(headers)
        records = self.records[topic, message.partition()]
        last = records[-1].position if records else 0
        position = int(headers["position"])
        if topic == LOG_TOPIC:
            assert position == last + 1, f"{place}: position {position} follows {last}"
            assert message.value()[4:8] == b"DBK1", f"{place}: not an envelope"
        elif topic == CHECKPOINT_TOPIC:
            origin, size = message.value().split(b"\n")[:2]
            assert origin == message.key() and int(size) == position > last, f"{place}: {message.value()} after {last}"
        else:
            assert int(headers["previous_position"]) == last, f"{place}: {headers} follows {last}"
            assert position > last, f"{place}: position {position} follows {last}"
            if self.checks_events:
                self.check_cloud_event(place, topic, message, headers)
        self.log_ids.add(headers["log_id"])
        records.append(Record(position, message.key().decode(), message.value()))

    def check_cloud_event(self, place, topic, message, headers):
        event = json.loads(message.value())
        self.contract.payloads[topic].validate(event)
        assert event["shard"] == message.partition(), f"{place}: the event names shard {event['shard']}"
        assert event["position"] == headers["position"] and event["previousposition"] == headers["previous_position"]
        assert event["subject"] == event["partitionkey"] == message.key().decode(), f"{place}: key {message.key()}"
        assert event["source"] == "/daybook/" + headers["log_id"], f"{place}: source {event['source']}"
        assert event["type"] == "com.daybook." + event["data"]["type"] and event["id"] == event["data"]["id"], place
        assert event["time"] == event["data"]["recorded_at"] and event["subject"] == event["data"]["stream"], place
        self.event_types.add(event["type"])

    def cloud_events(self, partition):
        """The billing topics' records of a partition as one stream, in the order of positions."""
        found = [record for (topic, number), records in self.records.items()
                 if number == partition and topic in self.contract.payloads for record in records]
        return sorted(found, key=lambda record: record.position)
