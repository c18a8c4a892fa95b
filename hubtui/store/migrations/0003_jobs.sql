-- Jobs that wait for a slot, are tried again, tell when they should end, and what is to be noted of them.
alter table jobs add column slot integer not null default 0;  -- needs one of the host's slots
alter table jobs add column queue_position integer;
alter table jobs add column waits_for text not null default '[]';
alter table jobs add column retry_at text;
alter table jobs add column eta_at text;
alter table jobs add column eta_late_at text;
alter table jobs add column basis text not null default '';
alter table jobs add column notices text not null default '[]';
alter table jobs add column fingerprint text not null default '{}';  -- what went into it: names and digests, no values
alter table jobs add column changes text not null default '[]';
create index ended_jobs on jobs (finished_at) where finished_at is not null;
create index events_of_job on events (job, seq) where job is not null;
-- Who names a run or a job: else taking one of those away would read every job there is.
create index jobs_of_run on jobs (run) where run is not null;
create index jobs_of_parent on jobs (parent) where parent is not null;

-- Each attempt has steps of its own.
create table steps_of_attempts (
  id          integer primary key autoincrement,
  job         integer not null references jobs on delete cascade,
  attempt     integer not null,
  key         text not null,
  parent      text,
  name        text not null,
  state       text not null check (state in ('waiting', 'running', 'cached', 'done', 'failed', 'cancelled')),
  cached      integer not null default 0,
  started_at  text,
  finished_at text,
  message     text not null default '',
  unique (job, attempt, key)
) strict;
insert into steps_of_attempts
  select id, job, 1, key, parent, name, state, cached, started_at, finished_at, message from steps;
drop table steps;
alter table steps_of_attempts rename to steps;

-- A hub may also ask for the next attempt at once, or for more patience with a job that seems stuck.
create table requests_of_three_kinds (
  id           integer primary key autoincrement,
  project      text not null collate nocase references projects on delete cascade,
  job          integer references jobs on delete cascade,
  kind         text not null check (kind in ('cancel', 'retry_now', 'wait')),
  reason       text not null default '',
  requested_by text not null,
  created_at   text not null,
  obeyed_at    text
) strict;
insert into requests_of_three_kinds select * from requests;
drop table requests;
alter table requests_of_three_kinds rename to requests;
create index open_requests on requests (project) where obeyed_at is null;

-- The history: how long a job took (seconds; a clock that went back counts as 0), and how to find jobs among many.
alter table jobs add column events_dropped integer not null default 0;  -- of its events, those that were let go
alter table jobs add column took real as (max(0.0, round((julianday(finished_at) - julianday(started_at)) * 86400, 3)));
create index jobs_by_kind on jobs (project, type, state, id, attempt, parent);
create index good_jobs on jobs (project, type, took) where state = 'SUCCESS' and took is not null;
create index last_good_jobs on jobs (project, type, services, profiles, id) where state = 'SUCCESS';
create index jobs_by_state on jobs (state);
create index jobs_by_time on jobs (created_at);
create index requests_of_job on requests (job) where job is not null;
