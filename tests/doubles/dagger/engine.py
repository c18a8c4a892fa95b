"""The engine's side of the API: what each field does, over objects that are chains of calls."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    execute,
    get_named_type,
    parse,
    validate,
)

from tests.doubles.dagger import images, schema
from tests.doubles.dagger.objects import EngineError, Node
from tests.doubles.dagger.services import Services, in_use
from tests.doubles.dagger.telemetry import Operation, Telemetry


class Engine:
    """One session of the engine that lives in `folder`."""

    def __init__(self, folder: Path, version: str, session: int) -> None:
        self.telemetry = Telemetry()
        self.services = Services(self.telemetry, folder / "volumes", folder / "switch", modern=version >= "v0.21")
        self._folder, self._version = folder, version
        self._scratch = folder / "scratch" / str(session)
        self._schema = schema.build(modern=version >= "v0.21")
        self._real = schema.real() if version >= "v0.21" else None
        self._nodes: dict[str, Node] = {}
        self._uploads = 0

    async def answer(self, request: dict[str, Any], operation: Operation) -> dict[str, Any]:
        """A GraphQL request's response."""
        document = parse(request["query"])
        introspects = "__schema" in request["query"]
        for known in [self._schema] if introspects or not self._real else [self._schema, self._real]:
            if problems := validate(known, document, schema.RULES):
                return {"errors": [problem.formatted for problem in problems]}
        result = execute(
            self._schema,
            document,
            Node("Query"),
            context_value=operation,
            variable_values=request.get("variables"),
            operation_name=request.get("operationName"),
            field_resolver=None if introspects else self._resolve,
        )
        if not introspects:
            result = await result  # type: ignore[misc]
        found: dict[str, Any] = {"data": result.data}  # type: ignore[union-attr]
        if result.errors:  # type: ignore[union-attr]
            found["errors"] = [_told(error) for error in result.errors]  # type: ignore[union-attr]
        return found

    async def _resolve(self, source: Node | dict[str, Any], info: GraphQLResolveInfo[Any], /, **arguments: Any) -> Any:
        name = info.field_name
        if isinstance(source, dict):
            return source[name]
        if name == "node" or name.startswith("load"):
            return self._nodes[arguments["id"]]
        for key in ("cache", "secret"):  # what is mounted is known by what it is
            if key in arguments:
                made = self._nodes[arguments[key]]
                call, of = ("cacheVolume", "key") if key == "cache" else ("setSecret", "plaintext")
                arguments[key] = made.all(call)[0][of]
        if name == "withMountedDirectory":
            arguments["folder"] = str(self._nodes[arguments["source"]].made["folder"])
        if (own := getattr(self, f"_{source.type}_{name}", None)) is not None:
            return await own(source, info.context, **arguments)
        if name in ("id", "sync"):
            return self._known(source)
        if name in source.made:
            return source.made[name]
        if source.type in ("EngineCache", "EngineCacheEntrySet") and name in (held := self._cache()):
            return held[name]
        kind = info.return_type.of_type if isinstance(info.return_type, GraphQLNonNull) else info.return_type
        named = get_named_type(info.return_type)
        if isinstance(kind, GraphQLList) or not isinstance(named, GraphQLObjectType):
            return {"String": "", "Boolean": True}.get(named.name) if not isinstance(kind, GraphQLList) else []
        if name == "dockerHealthcheck":
            return None
        return source.then(named.name, name, arguments)

    def _cache(self) -> dict[str, Any]:
        """What the cache holds: its volumes, each as a real engine lists one."""
        entries: list[dict[str, Any]] = [
            {
                "description": f'cache volume "{folder.name.partition("@")[0].replace("%", "/")}"',
                "diskSpaceBytes": sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()),
                "activelyUsed": in_use(folder),
                "mostRecentUseTimeUnixNano": folder.stat().st_mtime_ns,
            }
            for folder in (self._folder / "volumes").iterdir()
        ]
        total = sum(entry["diskSpaceBytes"] for entry in entries)
        held = {"entries": entries, "entryCount": len(entries), "diskSpaceBytes": total}
        return {**held, "maxUsedSpace": 10**9, "reservedSpace": 0, "minFreeSpace": 0}

    async def _EngineCache_prune(self, source: Node, operation: Operation, **arguments: Any) -> None:
        for folder in (self._folder / "volumes").iterdir():
            if not in_use(folder):
                shutil.rmtree(folder)

    def _known(self, node: Node) -> str:
        self._nodes[node.id] = node
        return node.id

    async def _Query_version(self, source: Node, operation: Operation) -> str:
        return self._version

    async def _Host_directory(self, source: Node, operation: Operation, **arguments: Any) -> Node:
        self._uploads += 1
        to = self._scratch / str(self._uploads)
        to.parent.mkdir(parents=True, exist_ok=True)
        images.copied(Path(arguments["path"]), arguments.get("exclude") or [], to)
        return source.then("Directory", "directory", {**arguments, "upload": self._uploads}).with_made(folder=to)

    async def _Container_from(self, source: Node, operation: Operation, address: str) -> Node:
        made = images.pull(self.telemetry, operation, address)
        return source.then("Container", "from", {"address": address}).with_made(**made)

    async def _Directory_dockerBuild(self, source: Node, operation: Operation, **arguments: Any) -> Node:
        folder, dockerfile = source.made["folder"], arguments["dockerfile"]
        for file in source.all("withNewFile"):
            (folder / file["path"]).write_text(file["contents"])
        cache = self._folder / "cache"
        cache.mkdir(exist_ok=True)
        made = await images.build(self.telemetry, operation, folder, dockerfile, arguments["target"], cache)
        return source.then("Container", "dockerBuild", arguments).with_made(**made)

    async def _Service_start(self, source: Node, operation: Operation) -> str:
        if tunnels := source.all("tunnel"):
            forward = tunnels[-1]["ports"][0]
            upstream = self._nodes[tunnels[-1]["service"]]
            await self.services.tunnel(source, upstream, forward["frontend"], forward["backend"])
        else:
            argv = source.all("asService")[-1]["args"] or [*source.made["entrypoint"], *source.made["defaultArgs"]]
            await self.services.start(source, argv, source.made, operation)
        return self._known(source)

    async def _Service_stop(self, source: Node, operation: Operation, kill: bool) -> str:
        await self.services.stop(source, kill=kill)
        return self._known(source)


def _told(error: GraphQLError) -> dict[str, Any]:
    """An error as the real engine's server puts it."""
    found: dict[str, Any] = dict(error.formatted)
    if isinstance(error.original_error, EngineError):
        found["extensions"] = error.original_error.extensions
    return json.loads(json.dumps(found))  # type: ignore[no-any-return]
