-- Of both dialects but for the type of bytes, which SQLite calls BLOB.

-- Whose it is, from the moment that it has voters: the fingerprints of the contests, in the order of their numbers.
CREATE TABLE IF NOT EXISTS election(fingerprints TEXT PRIMARY KEY);

CREATE TABLE IF NOT EXISTS voters(
    id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL, folded TEXT NOT NULL, numen TEXT NOT NULL,
    social10 TEXT NOT NULL, password TEXT);
CREATE TABLE IF NOT EXISTS entitled(contest BIGINT NOT NULL, voter TEXT NOT NULL, PRIMARY KEY(contest, voter));

-- The logs of the boxes. Two servers cannot both write entry n.
CREATE TABLE IF NOT EXISTS entries(
    contest BIGINT NOT NULL, number BIGINT NOT NULL, bytes BYTEA NOT NULL, PRIMARY KEY(contest, number));
-- Who has voted.
CREATE TABLE IF NOT EXISTS receipts(
    contest BIGINT NOT NULL, voter TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY(contest, voter));

-- With the hash of what `portal.toml` stores of the password by which a member of the bureau logged in.
CREATE TABLE IF NOT EXISTS sessions(
    hash BYTEA PRIMARY KEY, bureau BIGINT NOT NULL, who TEXT NOT NULL, csrf TEXT NOT NULL, created BIGINT NOT NULL,
    seen BIGINT NOT NULL, ended BIGINT NOT NULL DEFAULT 0, member BYTEA);
CREATE TABLE IF NOT EXISTS tokens(hash BYTEA PRIMARY KEY, voter TEXT NOT NULL, expires BIGINT NOT NULL);

CREATE TABLE IF NOT EXISTS complaints(
    id TEXT PRIMARY KEY, voter TEXT NOT NULL, text TEXT NOT NULL, at BIGINT NOT NULL, answer TEXT, answered_by TEXT,
    answered_at BIGINT);
-- The head that a member of the bureau saw last.
CREATE TABLE IF NOT EXISTS reviews(
    member TEXT NOT NULL, contest BIGINT NOT NULL, head BYTEA NOT NULL, at BIGINT NOT NULL, PRIMARY KEY(member, contest));
