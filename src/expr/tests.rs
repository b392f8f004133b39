//! The language as its users meet it: what holds, what is printed, and what is said about mistakes.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::{Environment, UndefinedBehavior};
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn schema() -> Arc<Schema> {
    let columns = [
        ("email", Kind::Text),
        ("first_name", Kind::Text),
        ("plan", Kind::Text),
        ("vip", Kind::Bool),
        ("opens", Kind::Int),
        ("age", Kind::Int),
        ("since", Kind::Date),
    ];
    let columns = columns.map(|(name, kind)| Column { name: name.to_owned(), kind });
    Arc::new(Schema::new(columns.to_vec()).unwrap())
}

/// The values of all columns but the address, in their order.
fn row(values: [&str; 6]) -> Arc<Row> {
    let values = std::iter::once("ada@example.org").chain(values).map(str::to_owned).collect();
    Arc::new(Row::new(schema(), values))
}

fn ada() -> Arc<Row> {
    row(["Ada", "pro", "yes", "12", "36", "2025-03-01"])
}

fn nobody() -> Arc<Row> {
    row(["", "", "", "", "", ""])
}

fn constants() -> BTreeMap<String, serde_json::Value> {
    BTreeMap::from([
        ("issue".to_owned(), json!({ "number": 450, "date": "2025-10-27", "tags": ["a", "b"] })),
        ("list".to_owned(), json!({ "name": "Weekly" })),
    ])
}

fn holds(source: &str, row: &Row) -> bool {
    Expression::parse(source, &schema())
        .and_then(|it| it.holds(row))
        .unwrap_or_else(|e| panic!("{source}: {e}"))
}

fn refused(source: &str, purpose: Purpose) -> ExprError {
    match analyse(source, purpose, &schema(), Names::Merge(&constants())) {
        Ok(_) => panic!("{source} was understood"),
        Err(error) => error,
    }
}

#[test]
fn conditions_hold_or_not() {
    for (source, for_ada, for_nobody) in [
        ("vip", true, false),
        ("not vip", false, true),
        ("vip == true", true, false),
        ("plan == \"pro\"", true, false),
        ("plan != 'pro'", false, true),
        ("plan in [\"pro\", \"team\"]", true, false),
        ("plan not in (\"pro\", \"team\")", false, true),
        ("\"@example.org\" in email", true, true),
        ("email is endingwith \"@example.org\"", true, true),
        ("opens > 10 and plan == \"pro\" or age < 18", true, false),
        ("since >= \"2025-01-01\" and since < \"2026-01-01\"", true, false),
        ("since == \"2025-03-01\"", true, false),
        ("since in [\"2025-03-01\", \"2025-03-02\"]", true, false),
        ("first_name", true, false),
        ("first_name|length > 2", true, false),
        ("first_name|lower == \"ada\"", true, false),
        ("first_name|first|upper == \"A\"", true, false),
        ("opens is none", false, true),
        ("opens is not none and opens is divisibleby 3", true, false),
        ("(opens or 0) + 1 == 13", true, false),
        ("opens|default(0) < 5", false, true),
        ("opens * 3 == age if opens else false", true, false),
        ("true", true, true),
    ] {
        assert_eq!(holds(source, &ada()), for_ada, "{source} for Ada");
        assert_eq!(holds(source, &nobody()), for_nobody, "{source} for nobody");
    }
}

/// minijinja puts none before every number and text. Nobody may be mailed for being "younger than 18" because
/// their age is not known.
#[test]
fn an_empty_value_is_neither_before_nor_after_anything() {
    for source in [
        "age < 18",
        "age <= 18",
        "age > 18",
        "age >= 18",
        "18 > age",
        "18 >= age",
        "18 < age",
        "18 <= age",
        "0 < age < 18",
        "18 > age > 0",
        "age < opens",
        "age <= opens",
        "age >= opens",
        "age|abs < 18",
        "age|round <= 18",
        "(age if vip else opens) < 18",
        "since < \"2030-01-01\"",
        "\"2030-01-01\" >= since",
        "(vip and age) < 18",
    ] {
        assert!(!holds(source, &row(["Ada", "pro", "yes", "", "", ""])), "{source}");
    }
    assert!(holds("0 < age < 40", &ada()) && holds("40 > age > 0", &ada()) && holds("opens <= age", &ada()));
}

#[test]
fn a_text_that_says_no_is_not_taken_for_true() {
    let expression = Expression::parse("plan and vip", &schema()).unwrap();
    assert_eq!(expression.holds(&ada()), Ok(true));
    for text in ["no", "False", "0", "yes"] {
        let error = expression.holds(&row(["Ada", text, "yes", "", "", ""])).unwrap_err();
        assert_eq!(
            error.message,
            format!("`plan` is text, but is asked true or false, and here it is `{text}`")
        );
        assert!(error.help.unwrap().contains("plan = { column = \"<its header>\", type = \"bool\" }"));
    }
    let compared = Expression::parse("plan == \"no\"", &schema()).unwrap();
    assert_eq!(compared.holds(&row(["", "no", "", "", "", ""])), Ok(true));
}

#[test]
fn what_cannot_be_worked_out_for_a_row_says_why() {
    let error = Expression::parse("age + 1 == 37", &schema()).unwrap().holds(&nobody()).unwrap_err();
    assert!(error.message.starts_with("`age + 1 == 37` cannot be worked out"), "{error}");
    assert_eq!(error.help.unwrap(), "`age` is empty here; say what then counts: `age|default(0)`");
}

#[test]
fn every_mistake_is_named_before_the_first_row() {
    use Purpose::{Condition, Print};
    for (source, purpose, message, help) in [
        // names
        ("frist_name", Print, "`frist_name` is no column of the list", "did you mean `first_name`?"),
        (
            "shoe_size",
            Print,
            "`shoe_size` is no column of the list",
            "the columns are: email, first_name, plan",
        ),
        ("blocks", Print, "`blocks` is not known per subscriber", "write `[[ blocks ]]`"),
        ("reading_minutes", Print, "`reading_minutes` is not known per subscriber", "[[ reading_minutes ]]"),
        ("number", Print, "`number` is no column of the list", "did you mean `issue.number`?"),
        ("issue.nubmer", Print, "`issue` has no `nubmer`", "did you mean `issue.number`?"),
        ("issue.number.x", Print, "`issue.number` has no parts", ""),
        ("issue", Print, "`issue` is a group of names and cannot be printed", "`issue.number`"),
        ("issue.tags", Print, "`issue.tags` is a list and cannot be printed", "|join"),
        ("view_url", Print, "`view_url` has no value: the list has no web page for issues", "[list]"),
        ("first_name.length", Print, "`first_name` is text and has no parts", ""),
        ("range(10)", Print, "there is no function `range`", ""),
        ("first_name.upper()", Print, "`.upper()` cannot be called", "`first_name|upper`"),
        ("first_name[0]", Print, "one item cannot be taken", "`|first`"),
        // filters and tests
        ("first_name|uper", Print, "there is no filter `uper`", "did you mean `upper`?"),
        ("first_name|safe", Print, "there is no filter `safe`", "escaped for where it stands"),
        ("first_name|replace(\"a\")", Print, "`replace` takes 2 arguments, not 1", ""),
        ("first_name|default(value=\"x\")", Print, "the arguments of `default` have no names", ""),
        ("first_name|date", Print, "`date` wants a date, but `first_name` is text", "type = \"date\""),
        ("since|date(\"%Q!\")", Print, "no date can be written so", "strftime"),
        ("since|date(first_name)", Print, "the format of `date` must be written out", "strftime"),
        ("opens|upper", Print, "`upper` wants text, but `opens` is a whole number", ""),
        ("first_name is defined", Condition, "there is no test `is defined`", "`if company`"),
        ("first_name is none", Condition, "`first_name` is text and never none", "`not …`"),
        ("first_name is od", Condition, "there is no test `is od`", "did you mean `is odd`?"),
        // types
        ("plan == 3", Condition, "`plan` is text and `3` is a whole number", "plan = { column"),
        ("plan == true", Condition, "`plan` is text and `true` is a bool", "type = \"bool\""),
        ("plan == none", Condition, "`plan` is text and `none` is none", "write `not …`"),
        ("vip == \"yes\"", Condition, "`vip` is a bool and `\"yes\"` is text", "asked by its name alone"),
        ("vip == 1", Condition, "`vip` is a bool and `1` is a whole number", "asked by its name alone"),
        ("vip < true", Condition, "`vip` is a bool and has no order", ""),
        ("opens > \"10\"", Condition, "`opens` is a whole number and `\"10\"` is text", "without quotes"),
        ("opens in [1, \"2\"]", Condition, "`opens` is a whole number and `\"2\"` is text", "without quotes"),
        ("since > \"1 May 2025\"", Condition, "`since` is a date and `\"1 May 2025\"`", "\"2026-01-31\""),
        ("since > 2025", Condition, "`since` is a date and `2025` is a whole number", ""),
        ("since > plan", Condition, "`since` is a date and `plan` is text", "plan = { column"),
        ("plan + 1 > 2", Condition, "`plan` is text, a number is wanted here", "type = \"int\""),
        ("\"Dear \" + first_name", Print, "texts are not added", "`~`"),
        ("since + 1", Print, "`since` is a date, a number is wanted here", ""),
        ("opens in plan", Condition, "only a text can be `in` a text, not a whole number", ""),
        ("plan in \"pro, team\"", Condition, "`\"pro, team\"` is one text", "[\"pro\", \"team\"]"),
        ("plan in opens", Condition, "nothing is `in` a whole number", "[\"pro\", \"team\"]"),
        ("plan == \"pro\" or \"team\"", Condition, "`\"team\"` says nothing about a subscriber", "in ["),
        ("issue", Condition, "`issue` says nothing about a subscriber", ""),
        // syntax
        ("plan = \"pro\"", Condition, "`plan = \"pro\"` cannot be read", "compare with `==`"),
        ("plan == \"pro\" && vip", Condition, "cannot be read", "write `and`, `or`"),
        ("plan == “pro”", Condition, "cannot be read", "straight quotes"),
        ("!vip", Condition, "cannot be read", "write `not`"),
        ("prénom", Print, "cannot be read", "another name under [list.columns]"),
        ("first_name }} {{ plan", Print, "cannot be read", ""),
        ("  ", Condition, "this expression is empty", ""),
    ] {
        let error = refused(source, purpose);
        assert!(error.message.contains(message), "{source}: {}", error.message);
        let said = error.help.unwrap_or_default();
        assert!(said.contains(help), "{source}: {said}");
        assert!(source.get(error.range.clone()).is_some(), "{source}: {:?}", error.range);
    }
}

/// The defect of minijinja's parser that `syntax::read` works around.
#[test]
fn what_cannot_be_read_is_not_taken_for_the_end() {
    let source = "plan == \"pro\" && vip";
    let parsed = minijinja::machinery::parse_expr(source);
    assert!(parsed.is_ok(), "mended upstream: the look at every token can go");
    assert!(Expression::parse(source, &schema()).is_err());
}

#[test]
fn the_range_shows_what_is_meant() {
    for (source, part) in [
        ("vip and frist_name == \"x\"", "frist_name"),
        ("vip and plan not in [1]", "plan not in [1"),
        ("first_name ~ (issue.nubmer)", "issue.nubmer"),
        ("first_name|lower|uper", "first_name|lower|uper"),
    ] {
        assert_eq!(&source[refused(source, Purpose::Print).range], part, "{source}");
    }
}

#[test]
fn whether_somebody_is_written_to_cannot_depend_on_the_issue() {
    let error = Expression::parse("issue.number > 1", &schema()).unwrap_err();
    assert_eq!(error.message, "`issue` belongs to the issue; here only the list's columns can be asked");
}

#[test]
fn depth_and_length_are_bounded() {
    let many = (0..100).map(|n| format!("opens == {n}")).collect::<Vec<_>>().join(" or ");
    assert!(holds(&many, &ada()) && !holds(&many, &nobody()));
    let chain = "(first_name or plan)|upper or ".repeat(60) + "plan";
    assert!(Expression::parse(&chain, &schema()).is_ok());
    for source in [
        "not ".repeat(400) + "vip",
        "1".to_owned() + &"+1".repeat(900) + " > 1",
        "(".repeat(400) + "vip" + &")".repeat(400),
        format!("plan == \"{}\"", "x".repeat(3_000)),
    ] {
        assert!(Expression::parse(&source, &schema()).is_err());
    }
}

/// What a merge tag prints, as the merge runs it: a fallback for every printed column.
fn printed(source: &str, row: &Arc<Row>) -> String {
    let constants = constants();
    let analysis = analyse(source, Purpose::Print, &schema(), Names::Merge(&constants)).unwrap();
    let rewritten = analysis.rewritten(source, |column| Some(format!("({column} or \"<{column}>\")")));
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    add_filters(&mut environment);
    environment.compile_expression(&rewritten).unwrap().eval(row_value(row)).unwrap().to_string()
}

#[test]
fn a_fallback_stands_in_only_where_the_column_is_printed() {
    for (source, for_ada, for_nobody) in [
        ("first_name", "Ada", "<first_name>"),
        ("first_name|upper", "ADA", "<FIRST_NAME>"),
        ("first_name ~ \", \" ~ plan", "Ada, pro", "<first_name>, <plan>"),
        ("\"a\" if first_name else \"b\"", "a", "b"),
        ("first_name if first_name else plan", "Ada", "<plan>"),
        ("first_name or \"you\"", "Ada", "you"),
        ("first_name or plan", "Ada", "<plan>"),
        ("first_name|default(\"you\")", "Ada", "you"),
        ("first_name|default(plan)|title", "Ada", "<Plan>"),
        ("first_name|split|first", "Ada", "<first_name>"),
        ("since|date(\"%-d %B\")", "1 March", "<since>"),
        ("since|date", "1 March 2025", "<since>"),
        ("opens", "12", "<opens>"),
        ("opens|round", "12", "<opens>"),
        ("first_name[:1]", "A", "<"),
    ] {
        assert_eq!(printed(source, &ada()), for_ada, "{source} for Ada");
        assert_eq!(printed(source, &nobody()), for_nobody, "{source} for nobody");
    }
}

#[test]
fn an_analysis_names_its_columns() {
    let source = "first_name if vip and plan else email|lower";
    let analysis = analyse(source, Purpose::Print, &schema(), Names::Conditions).unwrap();
    assert_eq!(analysis.columns_used, ["vip", "plan", "first_name", "email"]);
    assert_eq!(analysis.truthy_text, ["plan"]);
    assert_eq!(analysis.printed, [(0..10, "first_name".to_owned()), (32..37, "email".to_owned())]);
    let chained =
        analyse("first_name or plan or email", Purpose::Print, &schema(), Names::Conditions).unwrap();
    assert_eq!(chained.truthy_text, ["first_name", "plan"]);
}

#[test]
fn constants_have_their_types() {
    let constants = constants();
    for source in
        ["issue.number + 1", "issue[\"number\"]", "issue.date|date", "list.name|upper", "unsubscribe_url"]
    {
        assert!(analyse(source, Purpose::Print, &schema(), Names::Merge(&constants)).is_ok(), "{source}");
    }
    for source in ["since < issue.date", "plan in issue.tags", "issue.number >= 450"] {
        assert!(analyse(source, Purpose::Condition, &schema(), Names::Merge(&constants)).is_ok(), "{source}");
    }
}

#[test]
fn an_expression_is_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Expression>();
}

proptest! {
    #[test]
    fn no_source_makes_it_panic(source in "\\PC{0,60}") {
        let constants = constants();
        for purpose in [Purpose::Print, Purpose::Condition] {
            match analyse(&source, purpose, &schema(), Names::Merge(&constants)) {
                Ok(analysis) => { analysis.rewritten(&source, |_| Some("x".to_owned())); }
                Err(error) => prop_assert!(source.get(error.range).is_some()),
            }
        }
        let _ = statement(&source);
    }

    #[test]
    fn no_mixture_of_its_words_makes_it_panic(words in proptest::collection::vec(
        proptest::sample::select(vec![
            "first_name", "vip", "opens", "since", "issue.number", "\"x\"", "\"2026-01-31\"", "7", "none", "true",
            "and", "or", "not", "in", "is", "if", "else", "==", "<", "<=", ">", "+", "-", "~", "|", "upper",
            "default(1)", "date", "abs", "none", "odd", "(", ")", "[", "]", ",", ".",
        ]), 0..14,
    )) {
        let source = words.join(" ");
        let rows = [ada(), nobody()];
        if let Ok(expression) = Expression::parse(&source, &schema()) {
            for row in &rows {
                let _ = expression.holds(row);
            }
        }
        let constants = constants();
        if let Err(error) = analyse(&source, Purpose::Print, &schema(), Names::Merge(&constants)) {
            prop_assert!(source.get(error.range).is_some());
        }
    }

    #[test]
    fn any_text_is_only_ever_a_value(text in "\\PC{0,40}") {
        let person = row([&text, &text, "", "", "", ""]);
        prop_assert!(holds("first_name == plan", &person));
        let asked = Expression::parse("first_name", &schema()).and_then(|it| it.holds(&person));
        match asked {
            Ok(holds) => prop_assert_eq!(holds, !text.is_empty()),
            Err(_) => prop_assert!(looks_boolean(&text)),
        }
    }
}
