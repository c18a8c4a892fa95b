"""The labels that Compose gives to what it makes (pkg/api/labels.go)."""

from __future__ import annotations

PROJECT, SERVICE, ONEOFF = "com.docker.compose.project", "com.docker.compose.service", "com.docker.compose.oneoff"
FOLDER = "com.docker.compose.project.working_dir"
NUMBER, HASH = "com.docker.compose.container-number", "com.docker.compose.config-hash"
VERSION = "com.docker.compose.version"
