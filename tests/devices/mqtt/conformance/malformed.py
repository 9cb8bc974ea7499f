"""Statements that forbid something: the broker hangs up on it."""

from tests.devices.mqtt.conformance.raw import (
    Will,
    ack,
    connect,
    packet,
    props,
    publish,
    subscribe,
    text,
    u16,
    unsubscribe,
)
from tests.devices.mqtt.conformance.stage import before, closes

BAD_TEXT = b"a\xc3\x28"
SURROGATE = b"a\xed\xa0\x80"

closes("1.5.3-1 3.3.2-1", "1.5.4-1 3.3.2-1", "topic_not_utf8", lambda s, v: publish(v, BAD_TEXT))
closes("1.5.3-1", "1.5.4-1", "surrogate_in_topic", lambda s, v: publish(v, SURROGATE))
closes("1.5.3-2 4.7.3-2", "1.5.4-2 4.7.3-2", "null_in_topic", lambda s, v: publish(v, b"a\0"))
closes("3.8.3-1", "3.8.3-1", "filter_not_utf8", lambda s, v: subscribe(v, (BAD_TEXT, 0)))
closes("3.10.3-1", "3.10.3-1", "unsubscribe_filter_not_utf8", lambda s, v: unsubscribe(v, BAD_TEXT))
before(
    "3.1.3-4",
    "3.1.3-4",
    "client_id_not_utf8",
    lambda s, v: connect(v, BAD_TEXT),
)
before(
    "3.1.3-10", "3.1.3-9", "will_topic_not_utf8",
    lambda s, v: packet(
        0x10, text("MQTT") + bytes((v, 6)) + u16(0) + props(v) + text(s.id()) + props(v) + text(BAD_TEXT) + text(b"")
    ),
)  # fmt: skip
before(
    "3.1.3-11",
    "3.1.3-10",
    "user_not_utf8",
    lambda s, v: connect(v, s.id(), flags=0x82, tail=text(BAD_TEXT)),
)

closes("2.2.2-1 2.2.2-2 3.6.1-1", "2.1.3-1 3.6.1-1", "flags_of_pubrel", lambda s, v: packet(0x60, u16(1)))
closes("2.2.2-2 3.8.1-1", "2.1.3-1 3.8.1-1", "flags_of_subscribe", lambda s, v: b"\x80" + subscribe(v, ("a", 0))[1:])
closes("2.2.2-2 3.10.1-1", "2.1.3-1 3.10.1-1", "flags_of_unsubscribe", lambda s, v: b"\xa0" + unsubscribe(v, "a")[1:])
closes("2.2.2-2 3.14.1-1", "2.1.3-1 3.14.1-1", "flags_of_disconnect", lambda s, v: b"\xe1\x00")
closes("2.2.2-2", "2.1.3-1", "flags_of_pingreq", lambda s, v: b"\xc1\x00", mosquitto="ignores the flags of PINGREQ")
closes(
    "2.2.2-2",
    "2.1.3-1",
    "flags_of_puback",
    lambda s, v: b"\x41\x02\x00\x01",
    mosquitto="ignores the flags of acknowledgements",
)
closes("2.3.1-1", "2.2.1-3", "packet_id_0_of_publish", lambda s, v: publish(v, "a", qos=1, packet_id=0))
closes("2.3.1-1", "2.2.1-3", "packet_id_0_of_subscribe", lambda s, v: subscribe(v, ("a", 0), packet_id=0))
closes("2.3.1-1", "2.2.1-3", "packet_id_0_of_unsubscribe", lambda s, v: unsubscribe(v, "a", packet_id=0))

before(
    "3.1.0-1",
    "3.1.0-1",
    "publish_before_connect",
    lambda s, v: publish(v, "a"),
)
before(
    "3.1.0-1",
    "3.1.0-1",
    "ping_before_connect",
    lambda s, v: b"\xc0\x00",
)
closes("3.1.0-2", "3.1.0-2", "second_connect", lambda s, v: connect(v, s.id("again")))
before(
    "3.1.2-1",
    "3.1.2-1",
    "protocol_name",
    lambda s, v: connect(v, s.id(), protocol="MQTX"),
)
before(
    "3.1.2-2",
    "3.1.2-2",
    "protocol_level",
    lambda s, v: connect(4, s.id(), tail=b"").replace(b"MQTT\x04", b"MQTT\x09"),
)
before(
    "3.1.2-3",
    "3.1.2-3",
    "reserved_connect_flag",
    lambda s, v: connect(v, s.id(), flags=3),
)
before(
    "3.1.2-11 3.1.2-13",
    "3.1.2-11 3.1.2-13",
    "will_qos_without_will",
    lambda s, v: connect(v, s.id(), flags=0x0A),
)
before(
    "3.1.2-11 3.1.2-15",
    "3.1.2-11 3.1.2-15",
    "will_retain_without_will",
    lambda s, v: connect(v, s.id(), flags=0x22),
)
before(
    "3.1.2-14",
    "3.1.2-14",
    "will_qos_3",
    lambda s, v: connect(v, s.id(), will=Will(qos=3)),
)
before(
    "3.1.2-9 3.1.3-1",
    "3.1.2-9 3.1.3-1",
    "will_flag_without_will",
    lambda s, v: connect(v, s.id(), flags=0x06),
)
before("3.1.2-18 3.1.4-1", "3.1.2-18 3.1.4-1", "user_without_flag", lambda s, v: connect(v, s.id(), tail=text("u")))
before(
    "3.1.2-19",
    "3.1.2-19",
    "user_flag_without_user",
    lambda s, v: connect(v, s.id(), flags=0x82),
)
before(
    "3.1.2-20",
    "3.1.2-20",
    "password_without_flag",
    lambda s, v: connect(v, s.id(), flags=0x82, tail=text("u") + text("p")),
)
before(
    "3.1.2-21",
    "3.1.2-21",
    "password_flag_without_password",
    lambda s, v: connect(v, s.id(), flags=0xC2, tail=text("u")),
)
before(
    "3.1.2-22",
    "",
    "password_without_user",
    lambda s, v: connect(v, s.id(), flags=0x42, tail=text("p")),
)
before(
    "3.1.3-3",
    "3.1.3-3",
    "no_client_id",
    lambda s, v: packet(0x10, text("MQTT") + bytes((v, 2)) + u16(0) + props(v)),
)

closes(
    "3.3.1-2", "3.3.1-2", "dup_with_qos_0", lambda s, v: publish(v, "a", dup=True), mosquitto="ignores DUP with QoS 0"
)
closes("3.3.1-4", "3.3.1-4", "publish_qos_3", lambda s, v: packet(0x36, text("a") + u16(1) + props(v)))
closes("3.3.2-2 4.7.1-1", "3.3.2-2 4.7.0-1", "plus_in_topic", lambda s, v: publish(v, "a/+"))
closes("3.3.2-2 4.7.1-1", "3.3.2-2 4.7.0-1", "hash_in_topic", lambda s, v: publish(v, "a/#"))
closes("4.7.3-1", "4.7.3-1", "empty_topic", lambda s, v: publish(v, ""))
closes("4.7.3-1", "4.7.3-1", "empty_filter", lambda s, v: subscribe(v, ("", 0)))
closes("4.7.1-2", "4.7.1-1", "hash_inside", lambda s, v: subscribe(v, ("a/#/b", 0)))
closes("4.7.1-2", "4.7.1-1", "hash_beside_text", lambda s, v: subscribe(v, ("a#", 0)))
closes("4.7.1-3", "4.7.1-2", "plus_beside_text", lambda s, v: subscribe(v, ("a+/b", 0)))
closes("3.8.3-3", "3.8.3-2", "subscribe_to_nothing", lambda s, v: subscribe(v))
closes("3.8.3-4", "3.8.3-5", "subscribe_reserved_bits", lambda s, v: subscribe(v, ("a", 0x40)))
closes("3.8.3-4", "3.8.3-5", "subscribe_qos_3", lambda s, v: subscribe(v, ("a", 3)))
closes("", "3.8.3-5", "retain_handling_3", lambda s, v: subscribe(v, ("a", 0x30)))
closes("3.10.3-2", "3.10.3-2", "unsubscribe_from_nothing", lambda s, v: unsubscribe(v))
closes("4.8.0-1", "4.13.1-1", "reserved_packet_type", lambda s, v: b"\x00\x00")
closes("4.8.0-1", "4.13.1-1", "connack_from_a_client", lambda s, v: b"\x20\x02\x00\x00")
closes(
    "4.8.0-1",
    "4.13.1-1",
    "suback_from_a_client",
    lambda s, v: b"\x90\x03\x00\x01\x00",
    mosquitto="3.1.1: ignores SUBACK from clients",
)
closes(
    "4.8.0-1", "4.13.1-1", "pingresp_from_a_client", lambda s, v: b"\xd0\x00", mosquitto="takes PINGRESP from clients"
)
closes("4.8.0-1", "4.13.1-1", "remaining_length_of_five_bytes", lambda s, v: b"\x30\xff\xff\xff\xff\x01")

closes("", "1.5.5-1", "property_length_of_too_many_bytes", lambda s, v: packet(0x30, text("a") + b"\x80\x00x"))
closes(
    "", "1.5.7-1", "user_property_not_utf8", lambda s, v: publish(5, "a", pairs=(b"\x26" + text(BAD_TEXT) + text("b"),))
)
closes("", "2.2.2-1", "publish_without_property_length", lambda s, v: packet(0x32, text("a") + u16(1)))
closes("", "3.3.2-8", "topic_alias_0", lambda s, v: publish(5, "a", pairs=(b"\x23\x00\x00",)))
closes("", "3.3.2-9 3.2.2-17", "topic_alias_beyond_the_maximum", lambda s, v: publish(5, "a", pairs=(b"\x23\xff\xff",)))
closes("", "3.3.2-13", "response_topic_not_utf8", lambda s, v: publish(5, "a", pairs=(b"\x08" + text(BAD_TEXT),)))
closes(
    "",
    "3.3.2-14",
    "response_topic_with_wildcard",
    lambda s, v: publish(5, "a", pairs=(b"\x08" + text("a/#"),)),
    mosquitto="does not look into the response topic",
)
closes("", "3.3.2-19", "content_type_not_utf8", lambda s, v: publish(5, "a", pairs=(b"\x03" + text(BAD_TEXT),)))
closes(
    "",
    "3.3.4-6",
    "subscription_identifier_from_a_client",
    lambda s, v: publish(5, "a", pairs=(b"\x0b\x01",)),
    mosquitto="passes it on",
)
closes(
    "",
    "3.8.3-4",
    "no_local_on_a_shared_subscription",
    lambda s, v: subscribe(5, ("$share/g/a", 4)),
    mosquitto="grants it",
)
closes("", "4.8.2-1", "shared_without_a_name", lambda s, v: subscribe(5, ("$share//a", 0)), mosquitto="grants it")
closes("", "4.8.2-2", "shared_without_a_filter", lambda s, v: subscribe(5, ("$share/g", 0)), mosquitto="grants it")
closes("", "4.8.2-2", "shared_with_a_wildcard_in_its_name", lambda s, v: subscribe(5, ("$share/g+/a", 0)))
closes("", "4.12.0-7 4.12.0-6", "auth_without_a_method", lambda s, v: b"\xf0\x02\x18\x00")
closes("", "3.15.1-1", "flags_of_auth", lambda s, v: b"\xf1\x00")
closes("", "3.15.2-1", "reason_of_auth", lambda s, v: b"\xf0\x02\x42\x00")
closes("", "3.14.2-1", "reason_of_disconnect", lambda s, v: b"\xe0\x02\x42\x00")
closes("", "3.4.2-1", "reason_of_puback", lambda s, v: ack(4, 1, 0x42), mosquitto="takes any reason")
closes("", "3.6.2-1", "reason_of_pubrel", lambda s, v: ack(6, 1, 0x42), mosquitto="takes any reason")
before(
    "",
    "4.12.0-1",
    "unknown_authentication_method",
    lambda s, v: connect(5, s.id(), pairs=(b"\x15" + text("PLAIN-X"),)),
)
before(
    "",
    "4.13.1-1",
    "receive_maximum_0",
    lambda s, v: connect(5, s.id(), pairs=(b"\x21\x00\x00",)),
)
before(
    "",
    "4.13.1-1",
    "property_twice",
    lambda s, v: connect(5, s.id(), pairs=(b"\x21\x00\x09", b"\x21\x00\x09")),
)
closes("", "4.13.1-1", "unknown_property", lambda s, v: publish(5, "a", pairs=(b"\x7e\x00",)))
closes("", "4.13.1-1", "session_that_was_to_end_is_to_stay", lambda s, v: b"\xe0\x07\x00\x05\x11\x00\x00\x00\x05")
