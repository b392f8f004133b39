-- From version 1 to version 2: builds that follow the first, and the shared pace.

ALTER TABLE recipient ADD COLUMN build INTEGER;
ALTER TABLE recipient ADD COLUMN intent_build INTEGER;

-- What was in flight or in doubt was made with the only build there was.
UPDATE recipient INDEXED BY recipient_undecided SET intent_build = 1 WHERE state = 'in_flight';
UPDATE recipient INDEXED BY recipient_undecided SET build = 1 WHERE state = 'in_doubt';

-- Claims by domain.
DROP INDEX recipient_queued;
DROP INDEX recipient_due;
CREATE INDEX recipient_queued ON recipient (run, n, domain) WHERE state = 'queued';
CREATE INDEX recipient_due ON recipient (run, next_attempt_at, n, domain) WHERE state = 'deferred';

-- Newer builds of a launched run; version 1 is in `frozen`.
CREATE TABLE amendment (
    run     INTEGER NOT NULL REFERENCES run (id),
    version INTEGER NOT NULL CHECK (version > 1),
    digest  TEXT NOT NULL,
    build   TEXT NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (run, version)
) STRICT, WITHOUT ROWID;

-- The pace of a relay, shared by all processes. Times here are microseconds.
CREATE TABLE relay_pace (
    relay      TEXT NOT NULL PRIMARY KEY,
    next_at_us INTEGER NOT NULL                          -- when the next permit is free
) STRICT, WITHOUT ROWID;

-- How much of an hour's or a day's quota was used, in hundredths of it. `domain` is empty for the relay as a whole.
CREATE TABLE quota_used (
    relay    TEXT NOT NULL,
    domain   TEXT NOT NULL,
    window_s INTEGER NOT NULL,
    bucket   INTEGER NOT NULL,
    messages INTEGER NOT NULL,
    PRIMARY KEY (relay, domain, window_s, bucket)
) STRICT, WITHOUT ROWID;

-- The latest messages to domains that have a limit.
CREATE TABLE domain_send (
    relay  TEXT NOT NULL,
    domain TEXT NOT NULL,
    at_us  INTEGER NOT NULL,
    id     INTEGER PRIMARY KEY
) STRICT;
CREATE INDEX domain_send_latest ON domain_send (relay, domain, at_us);

-- What asked to slow down: the share of the pace that was left then. `domain` is empty for the relay as a whole.
CREATE TABLE slowed (
    relay  TEXT NOT NULL,
    domain TEXT NOT NULL,
    share  REAL NOT NULL,
    at_ms  INTEGER NOT NULL,
    PRIMARY KEY (relay, domain)
) STRICT, WITHOUT ROWID;
