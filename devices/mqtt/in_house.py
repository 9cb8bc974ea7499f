"""Voices on the bench's own broker: they publish into it without a hop, and hear what its clients publish.

There is no connection that could be lost; the one that a voice lives by is thought: it begins with the broker, ends
with it, and is made anew when the voice hangs up.
"""

from collections.abc import Callable, Sequence
from functools import partial

from devices.endpoint import Client, Role
from devices.mqtt.packets import Publish
from devices.mqtt.voice import Voice


class VoiceSpace:
    """`devices.mqtt.rights.Space`: the topics of one voice."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice

    @property
    def readable(self) -> tuple[str, ...]:
        return self._voice.readable

    def arrived(self, client: Client, message: Publish) -> Sequence[Publish] | None:
        free = self._voice.free(client.role, message.topic)
        if self._voice.take(client, message) and not free:
            return () if message.retain else (message,)  # a retained command would be done again and again
        return (message,) if free else None


class InHouse:
    """All voices of a bench; `publish` gives a message to the broker."""

    def __init__(self, voices: Sequence[Voice], publish: Callable[[Publish], None]) -> None:
        self._voices, self._publish = tuple(voices), publish
        self.spaces = [VoiceSpace(voice) for voice in self._voices]

    @property
    def about(self) -> tuple[str, ...]:
        return tuple(voice.about for voice in self._voices if voice.about)

    def free(self, role: Role, topic: str) -> bool:
        return any(voice.free(role, topic) for voice in self._voices)

    def start(self) -> None:
        for voice in self._voices:
            self._connect(voice)

    def turn(self) -> None:
        """Publish what is due."""
        for voice in self._voices:
            if voice.hang_up:
                self._leave(voice)
                self._connect(voice)
            for message in voice.due():
                self._publish(message)

    def renew(self) -> None:
        for voice in self._voices:
            voice.renew()

    @property
    def bounces(self) -> list[Callable[[], None]]:
        """Of each voice that dies in words: its connection is taken over and made again."""
        return [partial(self._bounce, voice) for voice in self._voices]

    def _bounce(self, voice: Voice) -> None:
        self._leave(voice)
        self._connect(voice)

    def stop(self) -> None:
        for voice in self._voices:
            self._leave(voice)

    def _connect(self, voice: Voice) -> None:
        voice.prepare()
        voice.connected()

    def _leave(self, voice: Voice) -> None:
        for message in voice.farewell():
            self._publish(message)
