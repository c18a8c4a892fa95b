"""Projects made to hurt a loader: huge, deep, endless. Each is written into a folder when it is wanted.

A loader either resolves one or refuses it, and does so soon and in little memory; `REFUSED` names those that must be
refused.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

Maker = Callable[[Path], object]
BOMBS: dict[str, Maker] = {}
REFUSED: set[str] = set()
WEB = "services: {web: {image: alpine}}\n"


def _bomb(*, refused: bool) -> Callable[[Maker], Maker]:
    def named(make: Maker) -> Maker:
        name = make.__name__.removeprefix("_").replace("_", "-")
        BOMBS[name] = make
        REFUSED.update({name} if refused else ())
        return make

    return named


def _write(folder: Path, text: str, name: str = "compose.yaml") -> None:
    (folder / name).write_text(text)


@_bomb(refused=True)
def _deep_lists(folder: Path) -> None:
    _write(folder, "x-deep: " + "[" * 50_000 + "]" * 50_000 + "\n" + WEB)


@_bomb(refused=True)
def _deep_lists_never_closed(folder: Path) -> None:
    _write(folder, "x-deep: " + "[" * 100_000)


@_bomb(refused=True)
def _deep_mappings(folder: Path) -> None:
    _write(folder, "x-deep:\n" + "".join(" " * depth + "a:\n" for depth in range(1, 900)) + WEB)


@_bomb(refused=True)
def _deep_flow_mappings(folder: Path) -> None:
    _write(folder, "x-deep: " + "{a: " * 20_000 + "1" + "}" * 20_000 + "\n" + WEB)


@_bomb(refused=True)
def _aliases_of_aliases(folder: Path) -> None:
    """A thousand million values in ten lines."""
    lines = ["x-0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"x-{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    _write(folder, "\n".join(lines) + "\n" + WEB)


@_bomb(refused=True)
def _merges_of_merges(folder: Path) -> None:
    lines = ["x-0: &a0 {k: {k: 1}}"]
    lines += [f"x-{n}: &a{n} {{l: {{<<: *a{n - 1}}}, r: {{<<: *a{n - 1}}}}}" for n in range(1, 40)]
    _write(folder, "\n".join(lines) + "\n" + WEB)


@_bomb(refused=False)
def _merge_of_one_a_thousand_times(folder: Path) -> None:
    keys = ", ".join(f"k{n}: {n}" for n in range(500))
    _write(folder, f"x-a: &a {{{keys}}}\nx-b:\n" + "".join(f"  b{n}: {{<<: *a}}\n" for n in range(1000)) + WEB)


@_bomb(refused=True)
def _file_too_large(folder: Path) -> None:
    _write(folder, WEB)
    os.truncate(folder / "compose.yaml", 1024**3)


@_bomb(refused=True)
def _many_values(folder: Path) -> None:
    _write(folder, WEB + "x-many: [" + "1," * 200_000 + "1]\n")


@_bomb(refused=False)
def _many_services(folder: Path) -> None:
    _write(folder, "services:\n" + "".join(f"  s{n}: {{image: alpine}}\n" for n in range(5_000)))


@_bomb(refused=False)
def _long_scalar(folder: Path) -> None:
    _write(folder, "services: {web: {image: alpine, labels: {a: '" + "x" * 400_000 + "'}}}\n")


@_bomb(refused=False)
def _long_folded_scalar(folder: Path) -> None:
    _write(folder, WEB + "x-long: >\n" + "  word\n\n" * 40_000)


@_bomb(refused=False)
def _long_key(folder: Path) -> None:
    _write(folder, "services: {web: {image: alpine, labels: {" + "k" * 100_000 + ": 1}}}\n")


@_bomb(refused=True)
def _number_of_many_digits(folder: Path) -> None:
    _write(folder, "services: {web: {image: alpine, scale: " + "9" * 10_000 + "}}\n")


@_bomb(refused=True)
def _number_of_many_hexadecimal_digits(folder: Path) -> None:
    _write(folder, "services: {web: {image: alpine, scale: 0x" + "f" * 300_000 + "}}\n")


@_bomb(refused=True)
def _size_of_many_digits(folder: Path) -> None:
    _write(folder, "services: {web: {image: alpine, mem_limit: '" + "9" * 100_000 + "g'}}\n")


@_bomb(refused=True)
def _duration_of_many_digits(folder: Path) -> None:
    _write(folder, "services: {web: {image: alpine, stop_grace_period: '" + "1h" * 50_000 + "x'}}\n")


@_bomb(refused=False)
def _date_of_no_month(folder: Path) -> None:
    _write(folder, "services: {web: {image: alpine, labels: {a: 2024-99-99, b: 2024-01-01T99:99:99Z, c: 1e999999}}}\n")


@_bomb(refused=False)
def _ranges_of_ports(folder: Path) -> None:
    """Each of 300 lines means 60,000 ports."""
    ports = "".join(f"      - '127.0.{n}.1:2000-62000:2000-62000'\n" for n in range(250))
    _write(folder, "services:\n  web:\n    image: alpine\n    ports:\n" + ports)


@_bomb(refused=False)
def _variables_that_double(folder: Path) -> None:
    _write(folder, "services: {web: {image: 'a:$A40'}}\n")
    _write(folder, "A0=xx\n" + "".join(f"A{n}=$A{n - 1}$A{n - 1}\n" for n in range(1, 41)), ".env")


@_bomb(refused=False)
def _variables_that_double_in_an_env_file(folder: Path) -> None:
    _write(folder, "services: {web: {image: alpine, env_file: a.env}}\n")
    _write(folder, "A0=xx\n" + "".join(f"A{n}=${{A{n - 1}}}${{A{n - 1}}}\n" for n in range(1, 41)), "a.env")


@_bomb(refused=False)
def _variable_used_ten_thousand_times(folder: Path) -> None:
    _write(folder, "services: {web: {image: alpine, labels: {a: '" + "$A" * 100_000 + "'}}}\n")
    _write(folder, "A=" + "x" * 100_000 + "\n", ".env")


@_bomb(refused=False)
def _defaults_in_defaults(folder: Path) -> None:
    _write(folder, "services: {web: {image: '" + "${A:-" * 20_000 + "x" + "}" * 20_000 + "'}}\n")


@_bomb(refused=True)
def _defaults_never_closed(folder: Path) -> None:
    _write(folder, "services: {web: {image: '" + "${A:-" * 50_000 + "'}}\n")


@_bomb(refused=False)
def _extends_of_extends(folder: Path) -> None:
    chain = "".join(f"  s{n}: {{extends: s{n + 1}}}\n" for n in range(400))
    _write(folder, f"services:\n{chain}  s400: {{image: alpine}}\n")


@_bomb(refused=False)
def _extends_over_many_files(folder: Path) -> None:
    for n in range(300):
        name = "compose.yaml" if n == 0 else f"f{n}.yaml"
        _write(folder, f"services: {{web: {{extends: {{file: f{n + 1}.yaml, service: web}}}}}}\n", name)
    _write(folder, WEB, "f300.yaml")


@_bomb(refused=False)
def _includes_over_many_files(folder: Path) -> None:
    for n in range(300):
        name = "compose.yaml" if n == 0 else f"f{n}.yaml"
        _write(folder, f"include: [f{n + 1}.yaml]\nservices: {{s{n}: {{image: alpine}}}}\n", name)
    _write(folder, WEB, "f300.yaml")


@_bomb(refused=False)
def _includes_that_double(folder: Path) -> None:
    """Read one by one these are 2^30 files."""
    for n in range(30):
        name = "compose.yaml" if n == 0 else f"f{n}.yaml"
        _write(folder, f"include: [f{n + 1}.yaml, {{path: f{n + 1}.yaml}}]\n", name)
    _write(folder, WEB, "f30.yaml")


@_bomb(refused=False)
def _extends_of_one_large_file(folder: Path) -> None:
    """The other file is read once, or a hundred times."""
    services = "".join(f"  s{n}: {{image: alpine, environment: {{A: 1, B: 2}}}}\n" for n in range(400))
    _write(folder, f"services:\n{services}", "base.yaml")
    text = "".join(f"  w{n}: {{extends: {{file: base.yaml, service: s{n}}}}}\n" for n in range(100))
    _write(folder, f"services:\n{text}")


@_bomb(refused=False)
def _dependencies_in_a_long_row(folder: Path) -> None:
    rows = "".join(f"  s{n}: {{image: alpine, depends_on: [s{n + 1}]}}\n" for n in range(450))
    _write(folder, f"services:\n{rows}  s450: {{image: alpine}}\n")


@_bomb(refused=False)
def _dependencies_all_on_all(folder: Path) -> None:
    rows = "".join(f"  s{n}: {{image: alpine, depends_on: {[f's{m}' for m in range(n)]}}}\n" for n in range(120))
    _write(folder, f"services:\n{rows}")


@_bomb(refused=True)
def _fifo(folder: Path) -> None:
    os.mkfifo(folder / "compose.yaml")


@_bomb(refused=True)
def _fifo_as_env_file(folder: Path) -> None:
    _write(folder, "services: {web: {image: alpine, env_file: pipe}}\n")
    os.mkfifo(folder / "pipe")


@_bomb(refused=True)
def _fifo_included(folder: Path) -> None:
    _write(folder, "include: [pipe]\n" + WEB)
    os.mkfifo(folder / "pipe")


@_bomb(refused=True)
def _fifo_extended(folder: Path) -> None:
    _write(folder, "services: {web: {extends: {file: pipe, service: web}}}\n")
    os.mkfifo(folder / "pipe")


@_bomb(refused=True)
def _fifo_as_label_file(folder: Path) -> None:
    _write(folder, "services: {web: {image: alpine, label_file: pipe}}\n")
    os.mkfifo(folder / "pipe")


@_bomb(refused=True)
def _folder_instead_of_a_file(folder: Path) -> None:
    (folder / "compose.yaml").mkdir()


@_bomb(refused=True)
def _link_to_itself(folder: Path) -> None:
    (folder / "compose.yaml").symlink_to("compose.yaml")


@_bomb(refused=True)
def _link_to_endless_zeros(folder: Path) -> None:
    (folder / "compose.yaml").symlink_to("/dev/zero")


@_bomb(refused=True)
def _endless_zeros_as_env_file(folder: Path) -> None:
    _write(folder, "services: {web: {image: alpine, env_file: /dev/zero}}\n")


@_bomb(refused=True)
def _path_too_long(folder: Path) -> None:
    _write(folder, "services: {web: {image: alpine, env_file: '" + "a" * 5_000 + "'}}\n")


@_bomb(refused=True)
def _noise(folder: Path) -> None:
    (folder / "compose.yaml").write_bytes(bytes(range(256)) * 1000)
