-- The ledger, version 2. Times are milliseconds since 1970, UTC. Names of states, outcomes and stages are
-- those of the contract, so that the file can be read with any SQLite tool.

CREATE TABLE ledger (
    id         TEXT NOT NULL PRIMARY KEY,
    created_at INTEGER NOT NULL
) STRICT;

-- AUTOINCREMENT: a run's number is never used again, for Message-IDs are made of it.
CREATE TABLE run (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    campaign    TEXT NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('launch', 'rehearsal')),
    halt        TEXT CHECK (halt IN ('paused', 'cancelled')),
    digest      TEXT NOT NULL,
    list_file   TEXT NOT NULL,
    list_digest TEXT NOT NULL,
    recipients  INTEGER NOT NULL CHECK (recipients > 0),
    started_at  INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX one_launch ON run (campaign) WHERE kind = 'launch';

-- What a run sends, apart from `run` because it is long and seldom read.
CREATE TABLE frozen (
    run     INTEGER PRIMARY KEY REFERENCES run (id),
    build   TEXT NOT NULL,
    columns TEXT NOT NULL
) STRICT;

CREATE TABLE recipient (
    run              INTEGER NOT NULL REFERENCES run (id),
    n                INTEGER NOT NULL,
    line             INTEGER NOT NULL,
    email            TEXT NOT NULL,
    address_key      TEXT NOT NULL,
    domain           TEXT NOT NULL,
    row_values       TEXT NOT NULL,                      -- a JSON array of text
    state            TEXT NOT NULL DEFAULT 'queued',
    attempts         INTEGER NOT NULL DEFAULT 0,         -- those that count
    requeues         INTEGER NOT NULL DEFAULT 0,         -- after DATA, since the last attempt that counts
    intent_at        INTEGER,                            -- only while in flight
    first_attempt_at INTEGER,
    next_attempt_at  INTEGER,                            -- only while deferred
    build            INTEGER,                            -- the version it is bound to; null: the run's present one
    intent_build     INTEGER,                            -- the version its latest intent was made with
    PRIMARY KEY (run, n)
) STRICT, WITHOUT ROWID;

-- Each state that somebody asks for by itself; delivered recipients are in no index. The domain is in those that claims
-- are read from, so that a domain that must wait is passed over without a look at its recipients.
CREATE INDEX recipient_queued ON recipient (run, n, domain) WHERE state = 'queued';
CREATE INDEX recipient_due ON recipient (run, next_attempt_at, n, domain) WHERE state = 'deferred';
CREATE INDEX recipient_given_up ON recipient (run, first_attempt_at, n) WHERE state = 'deferred';
CREATE INDEX recipient_undecided ON recipient (run, state, n)
    WHERE state = 'in_flight' OR state = 'in_doubt' OR state = 'bounced' OR state = 'expired';

-- Finds a recipient by address. Filled in the order of its key, so that a launch only ever appends.
CREATE TABLE address (
    run         INTEGER NOT NULL,
    address_key TEXT NOT NULL,
    n           INTEGER NOT NULL,
    PRIMARY KEY (run, address_key)
) STRICT, WITHOUT ROWID;

-- How many recipients are in each state: kept by the trigger, so that it cannot drift from the recipients.
CREATE TABLE tally (
    run        INTEGER NOT NULL REFERENCES run (id),
    state      TEXT NOT NULL,
    recipients INTEGER NOT NULL CHECK (recipients >= 0),
    PRIMARY KEY (run, state)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER recipient_moves AFTER UPDATE OF state ON recipient WHEN old.state <> new.state
BEGIN
    UPDATE tally SET recipients = recipients - 1 WHERE run = old.run AND state = old.state;
    UPDATE tally SET recipients = recipients + 1 WHERE run = new.run AND state = new.state;
END;

-- The retry log. `n` is null where an attempt reached no recipient (the relay could not be connected to).
CREATE TABLE attempt (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    at              INTEGER NOT NULL,
    run             INTEGER NOT NULL REFERENCES run (id),
    n               INTEGER,
    attempt         INTEGER,
    outcome         TEXT NOT NULL,
    stage           TEXT,
    code            INTEGER,
    enhanced        TEXT,
    reply           TEXT,
    relay           TEXT,
    relay_id        TEXT,
    elapsed_ms      INTEGER,
    next_attempt_at INTEGER
) STRICT;
CREATE INDEX attempt_of_run ON attempt (run);
CREATE INDEX attempt_of_outcome ON attempt (run, outcome);
CREATE INDEX attempt_of_recipient ON attempt (run, n) WHERE n IS NOT NULL;

CREATE TABLE suppression (
    address_key TEXT NOT NULL PRIMARY KEY,
    reason      TEXT NOT NULL CHECK (reason IN ('unsubscribed', 'bounced', 'complained', 'manual')),
    at          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Which builds the relay took as a test.
CREATE TABLE test_send (
    digest  TEXT NOT NULL,
    sent_to TEXT NOT NULL,
    at      INTEGER NOT NULL
) STRICT;
CREATE INDEX test_send_of_build ON test_send (digest, at);

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
