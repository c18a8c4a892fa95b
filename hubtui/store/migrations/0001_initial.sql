-- Times are ISO 8601 UTC. Lists and mappings are JSON. A change and its event are one transaction.

create table projects (
  name          text primary key collate nocase,
  path          text not null,
  engine        text not null,
  engine_reason text not null,
  environment   text,
  stages        text not null default '[]',
  created_at    text not null
) strict;

-- The process that owns a project: at most one per project, each with a generation of its own.
create table runners (
  project     text primary key collate nocase references projects on delete cascade,
  generation  integer not null default 0,
  state       text not null check (state in ('gone', 'up', 'leaving')),
  pid         integer,
  start_ticks integer,
  boot_id     text
) strict;

create table runs (
  id          integer primary key autoincrement,
  project     text not null collate nocase references projects on delete cascade,
  state       text not null check (state in ('starting', 'up', 'degraded', 'stopping', 'ended')),
  end_reason  text check (end_reason in ('stopped', 'failed', 'lost', 'rebooted')),
  detail      text not null default '',
  engine      text not null,
  environment text,
  generation  integer not null,
  boot_id     text not null,
  profiles    text not null default '[]',
  started_at  text not null,
  ended_at    text,
  check ((state = 'ended') = (end_reason is not null))
) strict;
create unique index one_active_run on runs (project) where state <> 'ended';
create index runs_of_project on runs (project, id);

create table jobs (
  id            integer primary key autoincrement,
  project       text not null collate nocase references projects on delete cascade,
  run           integer references runs,
  type          text not null,
  state         text not null
    check (state in ('PENDING', 'BUILDING', 'RUNNING', 'RETRY', 'SUCCESS', 'FAILURE', 'REVOKED')),
  message       text not null default '',
  services      text not null default '[]',
  profiles      text not null default '[]',
  priority      text not null default 'normal' check (priority in ('high', 'normal', 'low')),
  attempt       integer not null default 0,
  max_attempts  integer not null default 1,
  parent        integer references jobs,
  progress      integer not null default 0 check (progress between 0 and 100),
  step          text,
  requested_by  text not null,
  host          text not null,
  created_at    text not null,
  started_at    text,
  finished_at   text,
  result        text,
  error_kind    text,
  error_message text,
  error_hint    text
) strict;
create index jobs_of_project on jobs (project, id);
create index open_jobs on jobs (project, id) where state in ('PENDING', 'BUILDING', 'RUNNING', 'RETRY');

create trigger terminal_jobs_stay before update of state on jobs
  when old.state in ('SUCCESS', 'FAILURE', 'REVOKED')
  begin select raise(abort, 'a finished job never changes its state'); end;

create table attempts (
  job         integer not null references jobs on delete cascade,
  number      integer not null,
  generation  integer not null,
  started_at  text not null,
  finished_at text,
  state       text not null,
  message     text not null default '',
  primary key (job, number)
) strict;

create table steps (
  id          integer primary key autoincrement,
  job         integer not null references jobs on delete cascade,
  key         text not null,
  parent      text,
  name        text not null,
  state       text not null check (state in ('waiting', 'running', 'cached', 'done', 'failed', 'cancelled')),
  cached      integer not null default 0,
  started_at  text,
  finished_at text,
  message     text not null default '',
  unique (job, key)
) strict;

create table services (
  project     text not null collate nocase references projects on delete cascade,
  name        text not null,
  position    integer not null default 0,
  enabled     integer not null default 1,  -- part of the stack with the profiles in use
  run         integer references runs,
  state       text not null,
  health      text not null default 'none',
  message     text not null default '',
  exit_code   integer,
  restarts    integer not null default 0,
  since       text,
  ports       text not null default '[]',
  cpus        real,
  memory      integer,
  pid         integer,
  start_ticks integer,
  boot_id     text,
  primary key (project, name)
) strict;

-- The feed: append-only, read from a sequence number on.
create table events (
  seq     integer primary key autoincrement,
  time    text not null,
  project text not null,
  run     integer,
  job     integer,
  kind    text not null,
  data    text not null default '{}'
) strict;
create index events_of_project on events (project, seq);

create trigger events_are_facts before update on events
  begin select raise(abort, 'events are never changed'); end;

-- What a hub asks a runner that is up: obeyed once, then marked.
create table requests (
  id           integer primary key autoincrement,
  project      text not null collate nocase references projects on delete cascade,
  job          integer references jobs on delete cascade,
  kind         text not null check (kind = 'cancel'),
  reason       text not null default '',
  requested_by text not null,
  created_at   text not null,
  obeyed_at    text
) strict;
create index open_requests on requests (project) where obeyed_at is null;
