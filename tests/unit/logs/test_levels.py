"""A line's level is what its program said, in the ways of well-known programs; words in a sentence are no level."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubtui.logs import levels
from hubtui.logs.levels import Level, level_named, level_of, level_span
from hubtui.logs.structured import structured
from hubtui.safetext import safe_text

T, D, I, W, E, F = Level  # noqa: E741

LINES: list[tuple[Level | None, str]] = [
    # JSON: pino, bunyan, zap, structlog, python-json-logger, Google Cloud, ECS, Serilog, hclog, monolog
    (I, '{"level":30,"time":1764126735123,"pid":1,"hostname":"a","msg":"listening"}'),
    (T, '{"level":10,"time":1764126735123,"msg":"x"}'),
    (F, '{"name":"app","hostname":"a","pid":1,"level":60,"msg":"gone","time":"2026-11-26T03:12:15.123Z","v":0}'),
    (W, '{"level":"warn","ts":1764126735.12,"caller":"a/b.go:12","msg":"slow"}'),
    (E, '{"event": "failed", "level": "error", "timestamp": "2026-11-26T03:12:15Z"}'),
    (F, '{"asctime": "2026-11-26 03:12:15,123", "levelname": "CRITICAL", "message": "m"}'),
    (I, '{"message":"ok","severity":"NOTICE","httpRequest":{"status":200}}'),
    (F, '{"severity":"EMERGENCY","message":"m"}'),
    (D, '{"@timestamp":"2026-11-26T03:12:15Z","log.level":"DEBUG","message":"m"}'),
    (E, '{"@timestamp":"2026-11-26T03:12:15Z","log":{"level":"error"},"message":"m"}'),
    (W, '{"@t":"2026-11-26T03:12:15Z","@mt":"m","@l":"Warning"}'),
    (I, '{"@level":"info","@message":"m","@module":"core"}'),
    (W, '{"message":"m","context":{},"level":300,"level_name":"WARNING","channel":"app"}'),
    (I, '{"t":{"$date":"2026-11-26T03:12:15.123+00:00"},"s":"I","c":"NETWORK","id":1,"ctx":"x","msg":"m"}'),
    (E, '{"t":{"$date":"2026-11-26T03:12:15.123+00:00"},"s":"E","c":"-","id":1,"ctx":"x","msg":"m"}'),
    (E, '{"PRIORITY":"3","MESSAGE":"m"}'),
    (I, '{"EventId":14,"LogLevel":"Information","Category":"Microsoft","Message":"m"}'),
    (I, '{"Timestamp":"1","SeverityText":"INFO","Body":"m"}'),
    (I, '{"child":{"level":"error"},"level":"info","msg":"its own level counts"}'),
    (D, 'web-1  | {"level":"debug","msg":"after a prefix"}'),
    (W, '2026-11-26T03:12:15Z {"level":"warn","msg":"after a time"}'),
    (I, '\x1b[2m{"level":"info"}'),
    (None, '{"msg":"no level here","status":500}'),
    (None, '{"msg":"the \\"level\\":\\"error\\" was quoted"}'),
    (None, '{"field":"level","value":"error"}'),
    (None, "{"),
    # logfmt: logrus, go-kit, log15, Grafana, Traefik
    (I, 'time="2026-11-26T03:12:15Z" level=info msg="API listen on [::]:2376"'),
    (W, "ts=2026-11-26T03:12:15.123Z caller=main.go:12 level=warn component=tsdb msg=slow"),
    (E, "level=error msg=x"),
    (E, 't=2026-11-26T03:12:15+0000 lvl=eror msg="Failed" err="x"'),
    (I, 'logger=settings t=2026-11-26T03:12:15.123Z level=info msg="Starting Grafana"'),
    (I, 'at=info method=GET path="/" level=info'),
    (W, 'severity=WARNING msg="m"'),
    (None, 'time=1 msg="level=error was said"'),
    (None, "use --log-level=debug to see more"),
    (None, "started with set level=debug"),
    # Letters and numbers: glog/klog, CockroachDB, Android, ESP-IDF, Tornado/Jupyter, Ruby, Redis, old MongoDB, syslog
    (E, "E1126 12:00:00.123456       1 reflector.go:138] failed to list"),
    (I, "I1126 12:00:00.123456   12345 server.go:1] up"),
    (W, "W1126 12:00:00.123456   12345 server.go:1] hm"),
    (F, "F1126 12:00:00.123456   12345 server.go:1] gone"),
    (I, "I261126 03:12:15.123456 1 util/log/file.go:12 ⋮ [n1] 1 node starting"),
    (E, "E/AndroidRuntime( 123): FATAL EXCEPTION: main"),
    (W, "11-26 03:12:15.123  1234  1256 W ActivityManager: slow"),
    (T, "V/Tag( 1): v"),
    (I, "I (325) wifi: connected"),
    (I, "[I 2026-11-26 03:12:15.123 ServerApp] Serving notebooks"),
    (W, "[W 261126 03:12:15 web:2239] 404 GET /favicon.ico"),
    (I, "I, [2026-11-26T03:12:15.123456 #123]  INFO -- : Started GET"),
    (E, "E, [2026-11-26T03:12:15.123456 #123] ERROR -- : x"),
    (I, "1:M 26 Nov 2026 03:12:15.123 * Ready to accept connections tcp"),
    (W, "1:C 26 Nov 2026 03:12:15.123 # WARNING Memory overcommit must be enabled!"),
    (D, "1:M 26 Nov 2026 03:12:15.123 - Accepted 127.0.0.1"),
    (E, "2026-11-26T03:12:15.123+0000 E NETWORK  [conn1] closed"),
    (E, "<3>disk gone"),
    (I, "<14>1 2026-11-26T03:12:15.123Z host app 1 - - m"),
    (F, "<0>Kernel panic"),
    # In brackets: nginx, apache, gunicorn, RabbitMQ, Elasticsearch, Envoy, MySQL, Vault, Minecraft, Celery, HAProxy
    (E, '2026/11/26 03:12:15 [error] 29#29: *1 open() "/x" failed (2: No such file or directory)'),
    (I, "2026/11/26 03:12:15 [notice] 1#1: start worker processes"),
    (F, "2026/11/26 03:12:15 [emerg] 1#1: host not found in upstream"),
    (F, "nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)"),
    (E, "[Thu Nov 26 03:12:15.123456 2026] [core:error] [pid 1:tid 2] [client 1.2.3.4:5] AH00126: Invalid URI"),
    (I, "[Thu Nov 26 03:12:15.123456 2026] [mpm_event:notice] [pid 1:tid 2] AH00489: resuming"),
    (I, "[2026-11-26 03:12:15 +0000] [1] [INFO] Starting gunicorn 21.2.0"),
    (F, "[2026-11-26 03:12:15 +0000] [7] [CRITICAL] WORKER TIMEOUT (pid:9)"),
    (I, "2026-11-26 03:12:15.123456+00:00 [info] <0.222.0> Server startup complete; 4 plugins started."),
    (I, "[2026-11-26T03:12:15,123][INFO ][o.e.n.Node               ] [node-1] started"),
    (W, "[2026-11-26T03:12:15,123][WARN ][o.e.b.BootstrapChecks    ] [node-1] max virtual memory"),
    (I, "[2026-11-26 03:12:15.123][1][info][main] [source/server/server.cc:404] initializing epoch 0"),
    (W, "2026-11-26T03:12:15.123456Z 0 [Warning] [MY-010068] [Server] CA certificate is self signed."),
    (I, "2026-11-26T03:12:15.123456Z 0 [System] [MY-010116] [Server] INFO"),
    (E, "2026-11-26  3:12:15 0 [ERROR] Aborting"),
    (I, "2026-11-26 03:12:15+00:00 [Note] [Entrypoint]: Entrypoint script for MySQL Server started."),
    (I, "2026-11-26T03:12:15.123Z [INFO]  core: seal configuration missing, not initialized"),
    (W, "[03:12:15] [Server thread/WARN]: Can't keep up!"),
    (I, "[2026-11-26 03:12:15,123: INFO/MainProcess] celery@host ready."),
    (E, "[2026-11-26 03:12:15,123: ERROR/ForkPoolWorker-1] Task x raised unexpected"),
    (W, "[WARNING]  (1) : config : missing timeouts for frontend"),
    (I, "[NOTICE]   (1) : New worker (8) forked"),
    (W, "[WARN] short"),
    (I, "[INFO] Scanning for projects..."),
    (D, "03:12:15.123 [debug] GET /"),
    (I, "[03:12:15 INF] Now listening on: http://localhost:5000"),
    (I, "<info>  [1764126735.1234] device (eth0): carrier"),
    # Words: Python, uvicorn, Java, Spring, Tomcat, Kafka, ZooKeeper, Jenkins, Postgres, Rust, Go, .NET, npm, Laravel
    (E, "ERROR:root:boom"),
    (W, "WARNING:django.request:Not Found: /x"),
    (I, "2026-11-26 03:12:15,123 - my.app - INFO - started"),
    (I, "2026-11-26 03:12:15,123 - app - INFO - started"),
    (D, "2026-11-26 03:12:15,123 DEBUG urllib3.connectionpool: x"),
    (I, "2026-11-26 03:12:15,123 INFO sqlalchemy.engine.Engine SELECT 1"),
    (I, 'INFO:     127.0.0.1:51234 - "GET /error HTTP/1.1" 500 Internal Server Error'),
    (I, "INFO  [alembic.runtime.migration] Context impl PostgresqlImpl."),
    (I, "03:12:15.123 [main] INFO  com.example.App - Started in 2.3 seconds"),
    (E, "03:12:15.123 [http-nio-8080-exec-1] ERROR o.a.c.c.C.[.[.[/].[dispatcherServlet] - Servlet.service()"),
    (I, "2026-11-26T03:12:15.123Z  INFO 12345 --- [           main] c.e.demo.DemoApplication : Starting"),
    (W, "2026-11-26 03:12:15.123  WARN 1 --- [nio-8080-exec-1] .w.s.m.s.DefaultHandlerExceptionResolver : x"),
    (I, "26-Nov-2026 03:12:15.123 INFO [main] org.apache.catalina.startup.Catalina.start Server startup"),
    (E, "SEVERE: Servlet.service() for servlet"),
    (D, "FINE: entering"),
    (I, "[2026-11-26 03:12:15,123] INFO [KafkaServer id=1] started (kafka.server.KafkaServer)"),
    (I, "2026-11-26 03:12:15,123 [myid:] - INFO  [main:QuorumPeerConfig@135] - Reading configuration"),
    (I, "2026-11-26 03:12:15.123+0000 [id=1]\tINFO\thudson.WebAppMain#contextInitialized: x"),
    (I, "2026-11-26 03:12:15.123 UTC [1] LOG:  database system is ready to accept connections"),
    (F, '2026-11-26 03:12:15.123 UTC [33] FATAL:  password authentication failed for user "x"'),
    (E, '2026-11-26 03:12:15.123 UTC [33] app@db ERROR:  relation "x" does not exist at character 15'),
    (None, "2026-11-26 03:12:15.123 UTC [33] STATEMENT:  SELECT * FROM errors"),
    (D, "2026-11-26 03:12:15 UTC [33] DEBUG2:  checkpoint"),
    (I, "[2026-11-26T03:12:15Z INFO  my_crate::server] listening"),
    (W, "2026-11-26T03:12:15.123456Z  WARN tower_http::trace: slow"),
    (W, "\x1b[2m2026-11-26T03:12:15.123456Z\x1b[0m \x1b[33m WARN\x1b[0m \x1b[2mapp\x1b[0m\x1b[2m:\x1b[0m slow"),
    (I, '2026-11-26T03:12:15.123Z\tINFO\tserver/main.go:12\tlistening\t{"port": 80}'),
    (I, "2026-11-26T03:12:15.123Z\tinfo\tserver/main.go:12\tlistening"),
    (I, "\x1b[90m3:12AM\x1b[0m \x1b[32mINF\x1b[0m starting \x1b[36mport=\x1b[0m80"),
    (E, '2026-11-26T03:12:15Z ERR failed error="x"'),
    (I, "\x1b[36mINFO\x1b[0m[0000] listening"),
    (I, "info: Microsoft.Hosting.Lifetime[14]"),
    (E, "fail: Microsoft.AspNetCore.Server.Kestrel[13]"),
    (F, "crit: Microsoft.AspNetCore.Hosting[6]"),
    (D, "dbug: Microsoft.Extensions.Hosting[1]"),
    (T, "trce: x[1]"),
    (E, "npm ERR! code ELIFECYCLE"),
    (W, "npm WARN deprecated x@1: use y"),
    (E, "npm error code ENOENT"),
    (E, '[2026-11-26 03:12:15] production.ERROR: x {"exception":1}'),
    (I, "INFO [2026-11-26 03:12:15,123] io.dropwizard.server: starting"),
    (I, "backend-1  | INFO:     Application startup complete."),
    (E, "worker_1 | 2026-11-26 03:12:15 ERROR x"),
    (I, "Nov 26 03:12:15 host prog[123]: INFO: x"),
    (E, "=ERROR REPORT==== 26-Nov-2026::03:12:15 ==="),
    (E, "  ERROR  something"),
    (E, "***ERROR*** x"),
    (I, "2026-11-26 03:12:15 | INFO     | __main__:<module>:1 - loguru"),
    (I, "[11/26/26 03:12:15] INFO     rich handler          app.py:12"),
    (W, "2026-11-26 03:12:15,123 MainThread WARNING x"),
    (F, "dockerd: FATAL: x"),
    # Compilers and tools
    (E, "error[E0308]: mismatched types"),
    (W, "warning: unused variable: `x`"),
    (E, "src/a.c:12:5: error: expected ';' before '}' token"),
    (W, "main.c:3:1: warning: control reaches end"),
    (F, "fatal: not a git repository"),
    (E, "Error: Cannot find module 'x'"),
    (E, "error Command failed with exit code 1."),
    (E, "ERROR in ./src/index.js"),
    (E, "make: *** [Makefile:2: all] Error 1"),
    (E, "ERROR: Could not find a version that satisfies the requirement x"),
    (E, "--- FAIL: TestX (0.00s)"),
    (E, "src/x.ts(1,2): error TS2304: Cannot find name 'x'."),
    (E, "src/x.c:1:10: fatal error: x.h: No such file or directory"),
    (W, "app.py:12: DeprecationWarning: y is deprecated"),
    (E, "error - ./pages/index.js"),
    (I, "info  - Compiled successfully"),
    (E, " ⨯ Error: boom"),
    (E, "│ Error: Invalid reference"),
    (I, "[Nest] 123  - 11/26/2026, 3:12:15 AM     LOG [NestFactory] Starting"),
    (E, "2026-11-26T03:12:15Z E! [inputs.cpu] failed"),
    (E, "Nov 26 03:12:15 host kernel: [12.345] error: disk"),
    (E, "Nov 26 03:12:15 build-7 sshd[1]: error: PAM: failure"),
    (E, "2026-11-26T03:12:15.123456789Z stderr F E1126 03:12:15 1 x.go:1] failed"),
    (W, '2026-11-26T03:12:15.123456789Z stdout F {"level":"warn","msg":"m"}'),
    (I, "I20261126 03:12:15.123456 12345 foo.cc:12] absl"),
    (I, "[0.012s][info][gc] Using G1"),
    (I, "2026-11-26 03:12:15.1234|INFO|MyApp.Program|nlog"),
    (I, "2026/11/26 03:12:15 INFO slog key=value"),
    (F, "fatal error: all goroutines are asleep - deadlock!"),
    (F, "terminate called after throwing an instance of 'std::bad_alloc'"),
    # What went wrong
    (E, "Traceback (most recent call last):"),
    (E, "ValueError: bad value"),
    (E, "sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) x"),
    (E, 'Exception in thread "main" java.lang.NullPointerException'),
    (E, "java.lang.IllegalStateException: x"),
    (F, "panic: runtime error: index out of range [5] with length 3"),
    (F, "thread 'main' panicked at src/main.rs:2:5:"),
    # No level
    *(
        (None, line)
        for line in (
            "",
            " ",
            "Compiled successfully, 0 errors",
            "12:00:00 worker-1 error handling is on",
            "0 errors, 2 warnings",
            "0 ERROR",
            "2026-11-26 03:12:15 found 0 errors",
            "2026-11-26 03:12:15 no error",
            "12:00:00 request failed: no error was given",
            "no error",
            "There was an ERROR in the text",
            "Received ERROR from upstream",
            "the [error] tag is in the middle",
            "errors: 3",
            "Information about the system",
            "debugger attached",
            "DEBUG=1",
            "ERROR_LOG=/var/log/x",
            "INFO.md",
            "error_page 404 /404.html;",
            "error handling is on",
            "Logging error messages to stderr",
            "    at com.example.Fatal.error(Fatal.java:12)",
            'File "error.py", line 3, in warning',
            '127.0.0.1 - - [26/Nov/2026:03:12:15 +0000] "GET /error HTTP/1.1" 404 153 "-" "curl"',
            "TRACE /x HTTP/1.1",
            "POST ERROR",
            "Log level: DEBUG",
            "The INFO level is set",
            "[03:12:15 AM] Found 0 errors. Watching for file changes.",
            "2 warnings generated.",
            "Listening on port 3000",
            "PING 1.1.1.1 (1.1.1.1) 56(84) bytes of data.",
            "Successfully built error-handler",
            "100%|██████████| 12/12 [00:01<00:00,  8.51it/s]",
        )
    ),
]


@pytest.mark.parametrize(("level", "line"), LINES)
def test_the_level_of(level: Level | None, line: str) -> None:
    assert level_of(line.encode()) is level


@pytest.mark.parametrize(("level", "line"), [(a, b) for a, b in LINES if a is not None and "\x1b" not in b])
def test_colours_around_words_change_nothing(level: Level, line: str) -> None:
    coloured = "\x1b[0;32m" + " ".join(f"\x1b[1m{word}\x1b[0m" for word in line.split(" "))
    if "{" not in line and '="' not in line and not line.startswith("<"):
        assert level_of(coloured.encode()) is level


@pytest.mark.parametrize(("level", "line"), LINES)
def test_what_is_drawn_and_what_is_filtered_have_one_level(level: Level | None, line: str) -> None:
    fields = structured(line.encode())
    if fields is not None:
        assert fields.level is level
    text = safe_text(line)
    found = level_span(text)
    if found is not None:
        assert found[0] is level and text[found[1] : found[2]].strip()
    else:
        assert level is None or fields is not None


@settings(max_examples=1000, deadline=None)
@given(st.binary(max_size=300) | st.sampled_from([b for _, b in LINES]).map(str.encode))
def test_any_bytes_have_an_answer(raw: bytes) -> None:
    level = level_of(raw)
    assert level is None or level in Level


@pytest.mark.timed
@pytest.mark.parametrize(
    "piece",
    [b"[", b"a-", b"1,", b'{"', b'{"level":', b'"level"', b"a=", b"level=", b"\x1b[", b"\x1b[1m", b" ", b"a.B", b"-"],
)
def test_no_line_takes_long(piece: bytes) -> None:
    raw = (piece * 32768)[:32768]
    began = time.process_time()
    for _ in range(10):
        level_of(raw)
        level_of(b"{" + raw)
    assert time.process_time() - began < 0.1


def test_every_word_that_is_known_has_a_level() -> None:
    words = set(re.findall(r"[a-z]{3,}", levels._ANY.decode())) | set(re.findall(r"[A-Z]{3,}", levels._UPPER.decode()))
    assert len(words) > 50
    for word in words:
        assert level_of(f"[{word}] x".encode()) is not None and level_named(word) is not None


def test_levels_have_an_order_and_words() -> None:
    assert [level.word for level in sorted(Level)] == ["trace", "debug", "info", "warning", "error", "fatal"]
    assert Level.ERROR >= Level.WARNING > Level.INFO


@pytest.mark.parametrize(
    ("word", "level"),
    [
        ("Warn", W),
        ("E", E),
        ("3", E),
        ("6", I),
        ("40", W),
        ("60", F),
        ("550", F),
        ("8", None),
        ("loud", None),
        ("", None),
    ],
)
def test_a_level_by_its_name(word: str, level: Level | None) -> None:
    assert level_named(word) is level
