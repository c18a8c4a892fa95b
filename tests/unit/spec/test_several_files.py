"""Several files, services that extend others, included projects, and where all of it is looked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hubtui.errors import StackError
from hubtui.stacks.spec.load import load_stack
from hubtui.stacks.spec.resolve.config import resolve
from hubtui.stacks.spec.resolve.sources import Wanted

from .conftest import Folder


def web(folder: Folder, wanted: Wanted | None = None, environ: dict[str, str] | None = None) -> dict[str, Any]:
    """The service `web` of the resolved stack."""
    found: dict[str, Any] = resolve(folder.path, wanted=wanted, environ=environ or {})["services"]["web"]
    return found


class TestMerging:
    def test_the_override_file_is_merged_by_itself(self, folder: Folder) -> None:
        folder.write(
            """\
            services:
              web:
                image: one
                command: [a]
                ports: ["80:80", "81:81"]
                environment: {A: "1", B: "1"}
                volumes: ["data:/data", "./a:/x"]
                logging: {driver: json-file, options: {max-size: 1m}}
            volumes: {data: , other: }
            """
        )
        folder.write(
            """\
            services:
              web:
                command: [b]
                ports: ["80:80", "82:82"]
                environment: [B=2, C=3]
                volumes: ["other:/data"]
                logging: {driver: syslog}
            """,
            "compose.override.yaml",
        )
        found = web(folder)
        assert (found["image"], found["command"], found["logging"]) == ("one", ["b"], {"driver": "syslog"})
        assert [port["published"] for port in found["ports"]] == ["80", "81", "82"]
        assert found["environment"] == {"A": "1", "B": "2", "C": "3"}
        assert [(m["source"], m["target"]) for m in found["volumes"]] == [
            ("other", "/data"),
            (str(folder.path / "a"), "/x"),
        ]
        stack = load_stack(folder.path, environ={})
        assert [file.name for file in stack.files] == ["compose.yaml", "compose.override.yaml"]
        assert [port.target for port in stack.services["web"].ports] == [80, 81, 82]

    def test_reset_and_override(self, folder: Folder) -> None:
        folder.write("services: {web: {image: x, ports: ['80:80'], environment: {A: '1', B: '2'}, cap_add: [ALL]}}\n")
        folder.write(
            "services:\n  web:\n    ports: !override ['81:81']\n"
            "    environment: {A: !reset null}\n    cap_add: !reset []\n",
            "compose.override.yaml",
        )
        found = web(folder)
        assert [port["published"] for port in found["ports"]] == ["81"]
        assert found["environment"] == {"B": "2"}
        assert "cap_add" not in found

    def test_what_cannot_be_merged(self, folder: Folder) -> None:
        folder.write("services: {web: {image: x, healthcheck: {test: a}}}\n")
        folder.write("services:\n  web:\n    healthcheck: [a]\n", "compose.override.yaml")
        with pytest.raises(StackError, match=r"override\.yaml:3:5: services\.web\.healthcheck cannot be a list here"):
            resolve(folder.path, environ={})

    def test_documents_of_one_file(self, folder: Folder) -> None:
        folder.write("services: {web: {image: x}}\n---\nservices: {web: {image: y, tty: true}}\n")
        assert (web(folder)["image"], web(folder)["tty"]) == ("y", True)


class TestExtends:
    def test_of_another_folder(self, folder: Folder) -> None:
        (folder.path / "base").mkdir()
        folder.write("A=from-file\n", "base/web.env")
        folder.write(
            """\
            services:
              base: {image: x, env_file: web.env, volumes: ["./data:/data"], environment: {B: "1"}}
              mid: {extends: {service: base}, environment: {C: "1"}}
            """,
            "base/common.yaml",
        )
        folder.write(
            "services:\n  web:\n    extends: {file: base/common.yaml, service: mid}\n    environment: {B: '2'}\n"
        )
        found = web(folder)
        assert found["environment"] == {"A": "from-file", "B": "2", "C": "1"}
        assert found["volumes"][0]["source"] == str(folder.path / "base/data")
        assert "extends" not in found
        assert load_stack(folder.path, environ={}).services["web"].environment["A"] == "from-file"

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            (
                "  web:\n    extends: {service: nobody}\n",
                "3: services.web.extends.service names 'nobody', which is not",
            ),
            (
                "  web:\n    extends: {service: a, file: no.yaml}\n",
                "3: services.web.extends names FOLDER/no.yaml, which",
            ),
            ("  a:\n    extends: b\n  b:\n    extends: a\n", "3: services.a.extends goes in a circle: a -> b -> a"),
            ("  a:\n    extends: {service: a, file: 'https://x/y'}\n", "3: services.a.extends is 'https://x/y', but"),
        ],
    )
    def test_errors(self, folder: Folder, text: str, message: str) -> None:
        said = folder.error("services:\n" + text)
        assert message.replace("FOLDER/", "") in said


class TestInclude:
    def test_an_own_folder_and_variables(self, folder: Folder) -> None:
        (folder.path / "sub").mkdir()
        folder.write("TAG=sub\nBOTH=sub\n", "sub/.env")
        folder.write(
            "services: {db: {image: 'db:$TAG-$BOTH', volumes: ['./d:/d1', 'v1:/v']}}\nvolumes: {v1: }\n",
            "sub/compose.yaml",
        )
        folder.write("BOTH=main\n", ".env")
        folder.write("include: [sub/compose.yaml]\nservices: {web: {image: x, depends_on: [db]}}\n")
        shape = resolve(folder.path, environ={})
        assert shape["services"]["db"]["image"] == "db:sub-main", "the including project's variables stand above"
        assert shape["services"]["db"]["volumes"][0]["source"] == str(folder.path / "sub/d")
        assert list(shape["volumes"]) == ["v1"]
        assert list(load_stack(folder.path, environ={}).services) == ["web", "db"]

    def test_a_name_that_both_have(self, folder: Folder) -> None:
        folder.write("services: {web: {image: y}}\n", "other.yaml")
        said = folder.error("include: [other.yaml]\nservices:\n  web: {image: x}\n")
        assert said == "compose.yaml:3: services.web is also in a file that this one includes"

    def test_a_circle(self, folder: Folder) -> None:
        folder.write("include: [compose.yaml]\nservices: {a: {image: x}}\n", "other.yaml")
        assert "other.yaml:1: include[0] includes files in a circle" in folder.error("include: [other.yaml]\n")


class TestSources:
    def test_compose_file_names_several(self, folder: Folder) -> None:
        folder.write("services: {web: {image: one}}\n", "a.yaml")
        folder.write("services: {web: {tty: true}}\n", "b.yaml")
        folder.write("COMPOSE_FILE=a.yaml,b.yaml\nCOMPOSE_PATH_SEPARATOR=,\n", ".env")
        assert (web(folder)["image"], web(folder)["tty"]) == ("one", True)

    def test_profiles(self, folder: Folder) -> None:
        folder.write("services: {web: {image: x}, debug: {image: x, profiles: [debug]}}\n")

        def names(wanted: Wanted, environ: dict[str, str]) -> list[str]:
            return list(resolve(folder.path, wanted=wanted, environ=environ)["services"])

        assert names(Wanted(), {}) == ["web"]
        assert names(Wanted(), {"COMPOSE_PROFILES": "other, debug"}) == ["web", "debug"]
        assert names(Wanted(profiles=["*"]), {"COMPOSE_PROFILES": "other"}) == ["web", "debug"]

    def test_a_dependency_that_no_profile_enables(self, folder: Folder) -> None:
        folder.write("services: {web: {image: x, depends_on: [debug]}, debug: {image: x, profiles: [debug]}}\n")
        with pytest.raises(StackError, match="depends on 'debug', which no active profile enables"):
            resolve(folder.path, environ={})
        assert "debug" in load_stack(folder.path, environ={}).services, "a start brings it along"

    def test_a_hidden_service_that_cannot_be_used_is_left_out_and_said(self, folder: Folder) -> None:
        folder.write("services: {web: {image: x}, debug: {image: x, profiles: [debug], env_file: none.env}}\n")
        stack = load_stack(folder.path, environ={})
        assert list(stack.services) == ["web"]
        assert stack.warnings[0].endswith("(debug, which only a profile enables, is left out)")
        with pytest.raises(StackError, match=r"none\.env, which is not there"):
            load_stack(folder.path, environ={"COMPOSE_PROFILES": "debug"})

    def test_env_files_stand_below_the_environment(self, folder: Folder) -> None:
        folder.write("services: {web: {image: '$A-$B-$C'}}\n")
        folder.write("A=dotenv\nB=dotenv\nC=dotenv\n", ".env")
        folder.write("A=one\nB=one\n", "one.env")
        folder.write("B=two\n", "two.env")
        assert web(folder)["image"] == "dotenv-dotenv-dotenv"
        wanted = Wanted(env_files=[Path("one.env"), Path("two.env")])
        assert web(folder, wanted, {"C": "shell"})["image"] == "one-two-shell"
        assert web(folder, environ={"COMPOSE_ENV_FILES": "one.env", "C": "shell"})["image"] == "one-one-shell"
        with pytest.raises(StackError, match=r"none\.env: there is no such env file"):
            resolve(folder.path, wanted=Wanted(env_files=[Path("none.env")]), environ={})

    def test_a_name_and_a_folder_from_outside(self, folder: Folder) -> None:
        folder.write("services: {web: {build: app, environment: {P: $COMPOSE_PROJECT_NAME}}}\n")
        found = resolve(folder.path, wanted=Wanted(name="given", folder=Path("..")), environ={})
        assert (found["name"], found["services"]["web"]["environment"]) == ("given", {"P": "given"})
        assert found["services"]["web"]["build"]["context"] == str(folder.path.parent / "app")
