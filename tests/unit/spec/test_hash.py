"""A service's hash is that of docker compose 2.26.1, which printed the ones that stand here."""

from __future__ import annotations

from hubtui.stacks.spec.project import read_project
from hubtui.stacks.spec.resolve.config import resolved
from hubtui.stacks.spec.resolve.listing import hashes
from hubtui.stacks.spec.resolve.sources import Wanted

from .conftest import Folder

TEXT = """\
name: hashed
services:
  web:
    image: "app:1"
    build: {context: .}
    command: sh -c 'a < b && c > d'
    environment: {B: "2", A: "1", Z: é}
    ports: ["8080:80", "127.0.0.1:53:53/udp"]
    volumes: ["data:/data", {type: tmpfs, target: /tmp/x, tmpfs: {size: 10m}}]
    deploy: {replicas: 2, resources: {limits: {cpus: "0.5", memory: 1g}}}
    healthcheck: {test: "curl x", interval: 90s, retries: 3}
    ulimits: {nproc: 5, nofile: {soft: 1, hard: 2}}
    depends_on: [db]
    env_file: [{path: /none, required: false}]
    scale: 2
    pull_policy: always
  db: {image: "db:2"}
volumes: {data: }
"""


def test_hashes_are_composes(folder: Folder) -> None:
    folder.write(TEXT)
    project = read_project(folder.path, Wanted(), {"HOME": "/"})
    assert hashes(resolved(project, files=False), "*") == [
        "db a133ce11cbd979c4feb7de90fbc6879340a4ec775a2baff8dbb4113b13933857",
        "web 443cd550eb8861e053ab982e328614f8861a5d8b79914d8f909c3915cdc56a49",
    ]
