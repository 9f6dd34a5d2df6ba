"""The models of a worker, warm for as long as the process lives: what `shoot` and `enrolment` get as functions."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec

from backend.avatars import Source
from backend.certificates import certificates
from backend.config import Config
from backend.given import Sent
from backend.secret_file import made_once
from backend.sitters import Sitters
from backend.studio import Rushes
from backend.takes import PREVIEW, OnProgress, Shooting
from character_store import likeness
from character_store.characters import Refusal
from character_store.likeness import Likeness, Sitting
from character_store.vault import new_key
from generation import attending, avatar, credentials, engines, stamp
from generation.attending import Asked
from generation.captions_file import webvtt
from generation.credentials import Chain, Claims, SourceType
from generation.encode import encode
from generation.engine import Engine, Given
from generation.errors import NotAVideo
from generation.joining import join
from generation.measuring import measure
from generation.perception import film
from generation.perception.references import References
from generation.perception.safety import LIMIT, STRICT_LIMIT, Look, Nudity
from generation.perception.safety import MODEL as NUDITY_MODEL
from generation.plan import CastMember
from generation.portrait.engine import PortraitEngine
from generation.portrait.speech import Speaker
from generation.preview import Preview
from generation.prints import prints
from generation.report import Report
from generation.watermark.marking import Mark, marked
from social.clips import StageTime


class Workshop:
    """Engine and measuring models. One caller at a time."""

    def __init__(self, config: Config) -> None:
        """Raises EngineUnavailable."""
        self.engine: Engine = engines.choose(config.engine_options)
        made = certificates(config.credentials_key)
        self._chain = Chain(made.chain, made.key, made.root)
        self._mark_key = made_once(config.mark_key, new_key)
        self._nudity = Nudity()
        self._sitters = Sitters(self.engine.speaker if isinstance(self.engine, PortraitEngine) else Speaker())

    def render(self, shooting: Shooting, on_progress: OnProgress) -> Rushes:
        """Frames, sound and files of one clip. Blocks."""
        shooting.folder.mkdir(parents=True, exist_ok=True)
        stages: dict[str, float] = {}
        began = since = time.perf_counter()
        current = "starting"

        def noted(stage: str, fraction: float, shot: int) -> None:
            nonlocal since, current
            now = time.perf_counter()
            if stage != current:
                stages[current] = stages.get(current, 0.0) + now - since
                since, current = now, stage
            on_progress(stage, fraction, shot)

        begun = shooting.original
        given = shooting.given
        if begun is not None:
            first = film.last_picture(begun.video) if self.engine.abilities.needs_first else None
            given = msgspec.structs.replace(given, since_s=begun.seconds, first=first)
        take = self.engine.make(
            shooting.screenplay,
            shooting.cast,
            shooting.size,
            seed=shooting.seed,
            on_progress=noted,
            given=given,
        )
        if shooting.mark is not None:
            take = marked(take, shooting.size, Mark(shooting.mark, self._mark_key))
        look = Look(self._nudity, STRICT_LIMIT if shooting.strict else LIMIT)

        def seal(plain: Path, signed: Path) -> None:
            self._seal(shooting, plain, signed)

        preview = Preview(take, shooting.size, shooting.folder / PREVIEW, title=shooting.screenplay.title, seal=seal)
        watched = msgspec.structs.replace(take, frames=preview.at(look.at(take.frames)))
        encoded = encode(
            watched,
            shooting.size,
            shooting.folder / ("clip.mp4" if begun is None else "added.mp4"),
            title=shooting.screenplay.title,
            on_progress=_quiet,
        )
        if begun is not None:
            noted("join", 1.0, 0)
            encoded = join(
                begun,
                encoded,
                shooting.folder / "clip.mp4",
                title=shooting.screenplay.title,
                cuts_s=shooting.screenplay.cuts_s,
            )
        stages[current] = stages.get(current, 0.0) + time.perf_counter() - since
        video = encoded.path.with_name("signed.mp4")
        seal(encoded.path, video)
        files = {
            "video": video,
            "thumbnail": shooting.folder / "poster.webp",
            "spritesheet": shooting.folder / "sprites.jpg",
            "captions": shooting.folder / "captions.vtt",
        }
        files["thumbnail"].write_bytes(encoded.poster_webp)
        files["spritesheet"].write_bytes(encoded.sprite_jpg)
        names = {member.speaker: member.name for member in shooting.cast}
        named = [
            msgspec.structs.replace(one, speaker=names.get(one.speaker, one.speaker)) for one in encoded.track.captions
        ]
        files["captions"].write_text(webvtt(named), "utf-8")
        engine = {"name": self.engine.name, "version": self.engine.version, "fallbacks": list(encoded.track.fallbacks)}
        seconds = time.perf_counter() - began
        times = [StageTime(stage, round(spent, 3)) for stage, spent in stages.items()]
        return Rushes(
            files,
            engine,
            times,
            round(seconds, 3),
            encoded.blurhash,
            encoded.track.captions,
            prints=prints(video),
            nudity=look.worst,
        )

    def _seal(self, shooting: Shooting, plain: Path, signed: Path) -> None:
        """The last that is done to a file that leaves."""
        if shooting.mark is None:
            plain.replace(signed)
            return
        given = shooting.given
        composite = self.engine.name == PortraitEngine.name or given.scene is not None or bool(given.recorded)
        source: SourceType = "compositeWithTrainedAlgorithmicMedia" if composite else "trainedAlgorithmicMedia"
        credentials.sign(self._chain, plain, signed, Claims(self.engine.name, source, shooting.mark), shooting.parents)

    def stamp(self, source: Path, target: Path, handle: str, mark: int) -> None:
        """The file to take away. Blocks; needs no model, so it may be called beside other work."""
        stamp.signed(self._chain, source, target, handle, mark)

    def report(self, shooting: Shooting, rushes: Rushes, on_progress: OnProgress) -> Report:
        """The finished file measured. Blocks."""
        measured = measure(
            rushes.files["video"],
            shooting.screenplay,
            _voiced(shooting),
            rushes.captions,
            self._sitters.models,
            on_progress,
        )
        return msgspec.structs.replace(
            measured,
            measures=measured.measures | {"nudity": round(rushes.nudity, 3)},
            models=measured.models | {"nudity": NUDITY_MODEL},
        )

    def attend(
        self, sent: Sent, cast: tuple[CastMember, ...], vouchers: dict[str, References], seconds: float
    ) -> Given:
        """What was given beside the words, decoded and looked at. Blocks."""
        asked = [
            Asked(driven.speaker, content, driven.voice == "recorded", vouchers.get(driven.name))
            for driven, content in sent.performances
        ]
        return attending.attend(sent.scene, asked, cast, seconds, self._sitters.models, sent.borrowed)

    def look(self, film: Path) -> tuple[str, ...]:
        """What a film looks like; none of a file that does not decode. Blocks; needs no model."""
        try:
            return prints(film)
        except NotAVideo:
            return ()

    def draw(self, source: Source) -> bytes:
        """An avatar. Blocks."""
        if source.clip is not None:
            return avatar.of_clip(source.clip, source.at_s, self._nudity)
        return avatar.of_picture(source.picture or b"", self._nudity)

    def measure(self, sitting: Sitting) -> Likeness | Refusal:
        """A character's references. Blocks."""
        return likeness.measure(sitting, self._sitters)


def _voiced(shooting: Shooting) -> tuple[CastMember, ...]:
    """The cast, without the voices of those who move their lips to somebody else's: there is nothing to compare."""
    lent = {one.speaker for one in shooting.given.recorded if one.borrowed}
    replace = msgspec.structs.replace
    return tuple(
        replace(one, references=replace(one.references, voice=None)) if one.speaker in lent else one
        for one in shooting.cast
    )


def _quiet(_stage: str, _fraction: float, _shot: int) -> None:
    """Encoding goes along with rendering, whose progress the engine tells."""
