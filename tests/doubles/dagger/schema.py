"""The part of Dagger's GraphQL API that hubtui uses, as an engine of this SDK's version serves it. Where the whole real
schema is at hand, queries are checked against that, too."""

from __future__ import annotations

import re
from pathlib import Path

from graphql import GraphQLSchema, build_schema
from graphql.validation import PossibleFragmentSpreadsRule, specified_rules

REAL = Path(__file__).parents[4] / "shared" / "reference" / "dagger" / "schema-v0.21.8.graphqls"
RULES = [rule for rule in specified_rules if rule is not PossibleFragmentSpreadsRule]
_TYPES = ("Container", "Directory", "File", "Secret", "CacheVolume", "Service", "Host", "Socket")

_TEXT = """
scalar Platform
scalar Void
scalar BigInt
enum CacheSharingMode { SHARED PRIVATE LOCKED }
enum NetworkProtocol { TCP UDP }
input BuildArg { name: String! value: String! }
input PortForward { frontend: Int backend: Int! protocol: NetworkProtocol = TCP }
type Port { port: Int! protocol: NetworkProtocol! }
type HealthcheckConfig { args: [String!]! shell: Boolean! interval: String! timeout: String! startPeriod: String!
  retries: Int! }
type Query {
  version: String!
  host: Host!
  engine: Engine!
  container(platform: Platform): Container!
  cacheVolume(key: String!): CacheVolume!
  setSecret(name: String!, plaintext: String!): Secret!
  LOADERS
}
type Engine { localCache: EngineCache! }
type EngineCache { maxUsedSpace: Int! reservedSpace: Int! minFreeSpace: Int! entrySet: EngineCacheEntrySet!
  prune: Void }
type EngineCacheEntrySet { entryCount: Int! diskSpaceBytes: Int! entries: [EngineCacheEntry!]! }
type EngineCacheEntry { description: String! diskSpaceBytes: Int! activelyUsed: Boolean!
  mostRecentUseTimeUnixNano: BigInt! }
type Host { id: <Host>!
  directory(path: String!, exclude: [String!], include: [String!], noCache: Boolean = false): Directory!
  containerImage(name: String!): Container!
  unixSocket(path: String!): Socket!
  tunnel(service: <Service>!, ports: [PortForward!], native: Boolean = false): Service! }
type Socket { id: <Socket>! }
type CacheVolume { id: <CacheVolume>! }
type Secret { id: <Secret>! name: String! }
type File { id: <File>! sync: <File>! }
type Directory { id: <Directory>! sync: <Directory>!
  file(path: String!): File!
  withNewFile(path: String!, contents: String!, permissions: Int = 420): Directory!
  dockerBuild(platform: Platform, dockerfile: String = "Dockerfile", target: String = "", buildArgs: [BuildArg!] = [],
    secrets: [<Secret>!] = [], noInit: Boolean = false, ssh: <Socket>): Container! }
type Container { id: <Container>! sync: <Container>!
  from(address: String!): Container!
  entrypoint: [String!] defaultArgs: [String!] user: String! exposedPorts: [Port!]!
  exists(path: String!): Boolean! dockerHealthcheck: HealthcheckConfig
  withoutDockerHealthcheck: Container!
  withEnvVariable(name: String!, value: String!, expand: Boolean = false): Container!
  withSecretVariable(name: String!, secret: <Secret>!): Container!
  withMountedCache(path: String!, cache: <CacheVolume>!, sharing: CacheSharingMode = SHARED, owner: String = ""):
    Container!
  withMountedDirectory(path: String!, source: <Directory>!, owner: String = ""): Container!
  withMountedFile(path: String!, source: <File>!, owner: String = ""): Container!
  withMountedSecret(path: String!, source: <Secret>!, owner: String = "", mode: Int = 256): Container!
  withMountedTemp(path: String!, size: Int): Container!
  withNewFile(path: String!, contents: String!, permissions: Int = 420, owner: String = ""): Container!
  withWorkdir(path: String!): Container! withUser(name: String!): Container!
  withExposedPort(port: Int!, protocol: NetworkProtocol = TCP, experimentalSkipHealthcheck: Boolean = false): Container!
  asService(args: [String!] = [], useEntrypoint: Boolean = false, noInit: Boolean = false,
    insecureRootCapabilities: Boolean = false): Service! }
type Service { id: <Service>! sync: <Service>!
  withHostname(hostname: String!): Service!
  start: <Service>!
  stop(kill: Boolean = false): <Service>! }
"""


def build(modern: bool) -> GraphQLSchema:
    """The API; `modern` (since 0.21.1) has one ID type and node(id), before that each type had its own."""
    text = re.sub(r"<(\w+)>", r"ID" if modern else r"\1ID", _TEXT)
    if modern:
        loaders = "node(id: ID!): Node!"
        text = re.sub(rf"^type ({'|'.join(_TYPES)}) ", r"type \1 implements Node ", text, flags=re.MULTILINE)
        text += "interface Node { id: ID! }"
    else:
        loaders = "\n".join(f"load{name}FromID(id: {name}ID!): {name}!" for name in _TYPES)
        text += "\n".join(f"scalar {name}ID" for name in _TYPES)
    schema = build_schema(text.replace("LOADERS", loaders))
    if modern:
        schema.type_map["Node"].resolve_type = lambda found, *_: found.type  # type: ignore[attr-defined]
    return schema


def real() -> GraphQLSchema | None:
    """Dagger's own, where it is at hand."""
    return build_schema(REAL.read_text()) if REAL.exists() else None
