"""What a compose project has on its Docker engine beyond its files, and what of it a clean would take.

Containers, networks and the images that the project built go with every clean. Images that were pulled, the build
cache and volumes each need their own word: the first two are shared by whoever uses this engine, and a volume's data
is nowhere else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hubtui.stacks.engines.compose.api.http import Http
from hubtui.stacks.engines.compose.labels import PROJECT, SERVICE

ALWAYS = ("container", "network", "built")
PATIENCE = 120.0  # seconds for the engine to weigh what it has
EXTRA = ("images", "cache", "volumes")  # words of a clean for what it takes only where they are said
_WORD = {"pulled": "images", "cache": "cache", "volume": "volumes"}


@dataclass(frozen=True, slots=True)
class Leftover:
    """One thing on the engine. Kinds: container, network, built (an image of this project), pulled (an image that it
    only uses), volume, cache. `id` is what it is removed by, `bytes` what that frees, None: unknown. `kept`: why no
    clean may take it; `service`: the one that it was built for."""

    kind: str
    name: str
    id: str
    bytes: int | None = None
    note: str = ""
    kept: str = ""
    service: str = ""

    def goes(self, words: Collection[str]) -> bool:
        """Whether a clean that was given these words takes it."""
        return not self.kept and (self.kind in ALWAYS or _WORD.get(self.kind) in words)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a clean with these words takes, and what it leaves though a word more would take it."""

    project: str
    goes: tuple[Leftover, ...]
    stays: tuple[Leftover, ...]

    @property
    def bytes(self) -> int:
        """What is freed, as far as it is known; layers that images share are counted with none of them."""
        return sum(one.bytes or 0 for one in self.goes)


def plan(project: str, disk: Mapping[str, Any], networks: Sequence[Mapping[str, Any]], words: Collection[str]) -> Plan:
    """From the engine's answers to `GET /system/df` and `GET /networks` (Docker Engine API 1.41), for a compose project
    of this name."""
    found = [
        *_containers(project, disk),
        *_networks(project, networks),
        *_images(project, disk),
        *_volumes(project, disk),
        *_cache(disk),
    ]
    return Plan(
        project,
        tuple(one for one in found if one.goes(words)),
        tuple(one for one in found if not one.goes(words)),
    )


def _of(project: str, one: Mapping[str, Any]) -> bool:
    return bool((one.get("Labels") or {}).get(PROJECT) == project)


def _containers(project: str, disk: Mapping[str, Any]) -> list[Leftover]:
    return [
        Leftover("container", one["Names"][0].removeprefix("/"), one["Id"], one.get("SizeRw", 0), one.get("Status", ""))
        for one in disk.get("Containers") or ()
        if _of(project, one)
    ]


def _networks(project: str, networks: Sequence[Mapping[str, Any]]) -> list[Leftover]:
    return [
        Leftover("network", one["Name"], one["Id"], 0, one.get("Driver", "")) for one in networks if _of(project, one)
    ]


def _images(project: str, disk: Mapping[str, Any]) -> list[Leftover]:
    ours, others = dict[str, str](), set[str]()
    for one in disk.get("Containers") or ():
        if _of(project, one):
            ours[one["ImageID"]] = one.get("Image", "")
        else:
            others.add(one["ImageID"])
    return [
        _image(project, one, ours.get(one["Id"], ""), one["Id"] in others)
        for one in disk.get("Images") or ()
        if _of(project, one) or one["Id"] in ours
    ]


def _image(project: str, one: Mapping[str, Any], used_as: str, used_by_others: bool) -> Leftover:
    """It goes by the name that the project has for it: others that it may have are not the project's."""
    labels = one.get("Labels") or {}
    tags = [tag for tag in one.get("RepoTags") or () if not tag.startswith("<none>")]
    built, owner = _of(project, one), str(labels.get(PROJECT, ""))
    service = str(labels.get(SERVICE, "")) if built else ""
    own = [tag for tag in tags if tag in (used_as, f"{used_as}:latest")]
    name = (own or tags or [one["Id"].removeprefix("sha256:")[:12]])[0]
    shared = one.get("SharedSize", -1)
    kept = "used by containers of others" if used_by_others else ""
    if not built and owner:
        kept = f"built by {owner}"
    return Leftover(
        "built" if built else "pulled",
        name,
        name if tags else one["Id"],
        one["Size"] - shared if shared >= 0 else None,
        f"{'built' if tags else 'an older build'} for {service}" if service else "",
        kept,
        service,
    )


def _volumes(project: str, disk: Mapping[str, Any]) -> list[Leftover]:
    holders: dict[str, set[bool]] = {}
    for one in disk.get("Containers") or ():
        for mount in one.get("Mounts") or ():
            if mount.get("Type") == "volume":
                holders.setdefault(mount["Name"], set()).add(_of(project, one))
    found = []
    for one in disk.get("Volumes") or ():
        if _of(project, one):
            size = (one.get("UsageData") or {}).get("Size", -1)
            kept = "used by containers of others" if False in holders.get(one["Name"], ()) else ""
            found.append(Leftover("volume", one["Name"], one["Name"], size if size >= 0 else None, kept=kept))
    return found


def _cache(disk: Mapping[str, Any]) -> list[Leftover]:
    """The build cache as one: its records name no project, and taking one of them may cost another project's build."""
    records = [one for one in disk.get("BuildCache") or () if not one.get("InUse")]
    if not records:
        return []
    size = sum(one.get("Size", 0) for one in records if not one.get("Shared"))
    return [Leftover("cache", "build cache", "", size, f"{len(records)} records, of every project on this engine")]


async def look(http: Http, project: str, words: Collection[str]) -> Plan:
    """Ask the engine, which weighs every container and volume: this may take a while. Raises Unreachable, Refused."""
    disk, networks = await http.get("/system/df", PATIENCE), await http.get("/networks")
    return plan(project, disk or {}, networks or (), words)
