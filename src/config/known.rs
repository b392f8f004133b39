//! Every key that `mailshot.toml` may hold, in one table.
//!
//! What is typed is held against this table before anything else looks at it, so that a key nobody reads cannot
//! exist: one that is missing here is refused where it stands (`walk.rs`), and one that stands here but not in
//! the mirror (`raw.rs`) fails the test below. A key that only a later version understands is listed too, for
//! then the message can say so.

/// What kind of value a key takes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    /// A string.
    Text,
    /// A whole number.
    Integer,
    /// A number, whole or not.
    Number,
    /// `true` or `false`.
    Flag,
    /// A list of strings; a string alone is a list of one.
    Texts,
    /// A table with these keys and no others.
    Table(&'static [Key]),
    /// A table whose keys the operator chooses; every value has this shape.
    Named(&'static Shape),
    /// As `Table`; a string alone stands for the table that holds it under the first of the keys.
    TableOrFirst(&'static [Key]),
    /// What this version does not do, with what to do instead.
    Later(&'static str),
    /// What must never stand in this file, with what to do instead.
    Secret(&'static str),
}

/// A key and what it takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    /// A value as it is written in TOML, for messages; empty where there is nothing to write.
    pub(super) example: &'static str,
}

impl Key {
    /// Whether this version does it, so that it may be proposed.
    pub(super) fn is_open(&self) -> bool {
        !matches!(self.shape, Shape::Later(_) | Shape::Secret(_))
    }

    /// Whether it is written `[like.this]`.
    pub(super) fn is_table(&self) -> bool {
        matches!(self.shape, Shape::Table(_) | Shape::Named(_))
    }
}

const fn key(name: &'static str, shape: Shape, example: &'static str) -> Key {
    Key { name, shape, example }
}

const fn table(name: &'static str, keys: &'static [Key]) -> Key {
    key(name, Shape::Table(keys), "")
}

const fn later(name: &'static str, instead: &'static str) -> Key {
    key(name, Shape::Later(instead), "")
}

const SENDER: Key = table(
    "sender",
    &[
        key("from", Shape::Text, r#""Tech Manager Weekly <hello@tmw.example>""#),
        key("reply_to", Shape::Text, r#""editor@tmw.example""#),
        key("bounce", Shape::Text, r#""bounces@tmw.example""#),
        key("verp", Shape::Flag, "false"),
    ],
);

const LIST: Key = table(
    "list",
    &[
        key("id", Shape::Text, r#""weekly.tmw.example""#),
        key("name", Shape::Text, r#""Tech Manager Weekly""#),
        key("address", Shape::Text, r#""1 Example Street, London""#),
        key("subscribers", Shape::Text, r#""subscribers.csv""#),
        key("unsubscribe", Shape::Text, r#""https://tmw.example/u/{token}""#),
        key("unsubscribe_mailto", Shape::Text, r#""unsubscribe@tmw.example""#),
        key("view", Shape::Text, r#""https://tmw.example/issues/{slug}""#),
        key("secret_env", Shape::Text, r#""MAILSHOT_SECRET""#),
        key("where", Shape::Text, r#""subscribed""#),
        key("columns", Shape::Named(&COLUMN), ""),
        key("secret", Shape::Secret("put it into an environment variable and name that in `secret_env`"), ""),
    ],
);

const COLUMN: Shape = Shape::TableOrFirst(&[
    key("column", Shape::Text, r#""Email Address""#),
    key("type", Shape::Text, r#""bool""#),
]);

const UTM: Key = table(
    "utm",
    &[
        key("source", Shape::Text, r#""newsletter""#),
        key("medium", Shape::Text, r#""email""#),
        key("campaign", Shape::Text, r#""weekly""#),
        key("term", Shape::Text, r#""managers""#),
        key("content", Shape::Text, r#""issue""#),
    ],
);

const RELAY: Key = key(
    "relay",
    Shape::Named(&Shape::Table(&[
        key("host", Shape::Text, r#""smtp.example.com""#),
        key("port", Shape::Integer, "587"),
        key("tls", Shape::Text, r#""required""#),
        key("ca_file", Shape::Text, r#""ca.pem""#),
        key("username", Shape::Text, r#""newsletter""#),
        key("password_env", Shape::Text, r#""SMTP_PASSWORD""#),
        key("password_file", Shape::Text, r#""/run/secrets/smtp""#),
        key("password_command", Shape::Text, r#""pass show smtp""#),
        key("sessions", Shape::Integer, "4"),
        key("rate", Shape::Texts, r#""20/s""#),
        key(
            "password",
            Shape::Secret(
                "use `password_env`, `password_file` or `password_command`, and change this password",
            ),
            "",
        ),
        key("preset", Shape::Text, r#""postmark""#),
        key("messages_per_session", Shape::Integer, "100"),
        key("idle", Shape::Text, r#""30s""#),
        key("lifetime", Shape::Text, r#""30m""#),
        key("domains", Shape::Named(&Shape::Texts), ""),
        table("timeouts", TIMEOUTS),
    ])),
    "",
);

/// How long each stage of a session may take.
const TIMEOUTS: &[Key] = &[
    key("connect", Shape::Text, r#""30s""#),
    key("handshake", Shape::Text, r#""30s""#),
    key("greeting", Shape::Text, r#""5m""#),
    key("command", Shape::Text, r#""5m""#),
    key("mail", Shape::Text, r#""5m""#),
    key("rcpt", Shape::Text, r#""5m""#),
    key("data", Shape::Text, r#""2m""#),
    key("block", Shape::Text, r#""3m""#),
    key("dot", Shape::Text, r#""10m""#),
    key("quit", Shape::Text, r#""5s""#),
];

const RETRY: Key = table(
    "retry",
    &[
        key("first", Shape::Text, r#""1m""#),
        key("factor", Shape::Number, "2.0"),
        key("max", Shape::Text, r#""1h""#),
        key("give_up", Shape::Text, r#""24h""#),
        key("outage", Shape::Text, r#""4h""#),
    ],
);

const MERGE: Key = key("merge", Shape::Named(&Shape::Text), "");
const DKIM: Key = later("dkim", "remove it; sign at the relay instead");
const LEDGER: Key = table("ledger", &[key("url", Shape::Text, r#""sqlite:.mailshot/ledger.db""#)]);
const TEST: Key = table("test", &[key("to", Shape::Texts, r#"["editor@tmw.example"]"#)]);
const SEND: Key =
    table("send", &[key("require_test", Shape::Flag, "true"), key("max_refused", Shape::Text, r#""20%""#)]);
const PROFILE: Key = key("profile", Shape::Named(&Shape::Table(LAYER)), "");

/// What a profile may hold: everything but profiles.
const LAYER: &[Key] = &[SENDER, LIST, MERGE, UTM, RELAY, RETRY, DKIM, LEDGER, TEST, SEND];

/// What the file may hold.
pub(super) const ROOT: &[Key] = &[SENDER, LIST, MERGE, UTM, RELAY, RETRY, DKIM, LEDGER, TEST, SEND, PROFILE];

/// Every known key but those of profiles, with the table it stands in: `("relay.NAME", port)`; the table of
/// the top of the file is empty.
pub(super) fn places() -> Vec<(String, &'static Key)> {
    let mut out = Vec::new();
    collect(LAYER, "", &mut out);
    out
}

fn collect(keys: &'static [Key], table: &str, out: &mut Vec<(String, &'static Key)>) {
    for key in keys {
        out.push((table.to_owned(), key));
        let inner = join(table, key.name);
        match &key.shape {
            Shape::Table(keys) | Shape::TableOrFirst(keys) => collect(keys, &inner, out),
            Shape::Named(Shape::Table(keys) | Shape::TableOrFirst(keys)) => {
                collect(keys, &join(&inner, "NAME"), out);
            }
            _ => {}
        }
    }
}

/// How a value of this key may be written; `table` may hold names the operator chose.
pub(super) fn example(table: &str, key: &str) -> &'static str {
    let table = if table.starts_with("relay.") { "relay.NAME" } else { table };
    let places = places();
    places
        .iter()
        .find(|(at, known)| at == table && known.name == key)
        .map_or("\"…\"", |(_, known)| known.example)
}

/// `relay` and `main` → `relay.main`.
pub(super) fn join(table: &str, name: &str) -> String {
    if table.is_empty() { name.to_owned() } else { format!("{table}.{name}") }
}
