//! The types of filters and tests.

use minijinja::machinery::ast::{Expr, Filter, Test};

use super::check::{Checker, Role};
use super::error::ExprError;
use super::language::{self, FILTERS, Signature, TESTS, TestSignature};
use super::types::{Type, Typed, type_it};
use crate::finding::nearest;

impl Checker<'_> {
    pub(super) fn check_filter(
        &mut self,
        expr: &Expr<'_>,
        filter: &Filter<'_>,
        role: Role,
    ) -> Result<Typed, ExprError> {
        let name = filter.name;
        let (Some(subject), Some((signature, least, most))) = (&filter.expr, language::filter(name)) else {
            return Err(self.unknown_filter(expr, name));
        };
        let args = self.arguments(expr, name, &filter.args, least, most)?;
        if signature == Signature::Default {
            // What `default` is asked about is the value itself, not its fallback.
            let mut typed = self.check(subject, Role::Value)?;
            for arg in args {
                typed = typed.or(self.check(arg, role)?);
            }
            return Ok(typed);
        }
        let typed = self.check(subject, role)?;
        for arg in &args {
            match signature {
                Signature::Decimal => self.number(arg).map(|_| ())?,
                _ => self.text(arg)?,
            }
        }
        if signature == Signature::Date {
            self.check_date_format(&args)?;
        }
        if let Some(result) = result_of(signature, &typed) {
            return Ok(result);
        }
        let message = format!(
            "`{name}` wants {}, but {} is {}",
            wanted_by(signature),
            self.name(subject),
            typed.ty.name()
        );
        let help = match (&typed.ty, typed.column_name(), signature) {
            (Type::Text, Some(column), Signature::Date) => Some(type_it(column, "date")),
            (Type::Text, Some(column), Signature::Number | Signature::Decimal) => {
                Some(type_it(column, "int"))
            }
            _ => None,
        };
        Err(self.error(expr, message).maybe_help(help))
    }

    /// The format of `date` must be written out: it is tried before any row is seen.
    fn check_date_format(&self, args: &[&Expr<'_>]) -> Result<(), ExprError> {
        let Some(arg) = args.first() else {
            return Ok(());
        };
        let format = match arg {
            Expr::Const(format) => format.value.as_str(),
            _ => None,
        };
        let help = "write it as strftime does: \"%-d %B %Y\"";
        match format.map(language::date_format_error) {
            Some(None) => Ok(()),
            Some(Some(why)) => Err(self.error(arg, format!("no date can be written so: {why}")).help(help)),
            None => Err(self.error(arg, "the format of `date` must be written out").help(help)),
        }
    }

    fn unknown_filter(&self, expr: &Expr<'_>, name: &str) -> ExprError {
        let error = self.error(expr, format!("there is no filter `{name}`"));
        match name {
            "safe" | "e" | "escape" | "forceescape" | "urlencode" | "tojson" => {
                error.help("every value is escaped for where it stands; leave the filter away")
            }
            "int" | "float" | "bool" => {
                error.help("a column has its type from [list.columns] in mailshot.toml: type = \"int\"")
            }
            "string" => error.help("`~` joins texts and numbers; leave the filter away"),
            _ => error.help(known(name, "", FILTERS.map(|entry| entry.0).as_slice())),
        }
    }

    pub(super) fn check_test(&mut self, expr: &Expr<'_>, test: &Test<'_>) -> Result<Typed, ExprError> {
        let Some((_, signature)) = TESTS.iter().find(|entry| entry.0 == test.name) else {
            return Err(self.unknown_test(expr, test.name));
        };
        let wanted = usize::from(matches!(signature, TestSignature::IntByInt | TestSignature::Text));
        let args = self.arguments(expr, test.name, &test.args, wanted, wanted)?;
        match signature {
            TestSignature::Int | TestSignature::IntByInt => {
                for part in std::iter::once(&test.expr).chain(args) {
                    self.number(part)?;
                }
            }
            TestSignature::Text => {
                for part in std::iter::once(&test.expr).chain(args) {
                    self.text(part)?;
                }
            }
            TestSignature::None => {
                let typed = self.check(&test.expr, Role::Value)?;
                if typed.ty == Type::Text {
                    let message = format!("{} is text and never none", self.name(&test.expr));
                    return Err(self.error(expr, message).help("an empty text is asked by `not …`"));
                }
            }
        }
        Ok(Typed::plain(Type::Bool))
    }

    fn unknown_test(&self, expr: &Expr<'_>, name: &str) -> ExprError {
        let error = self.error(expr, format!("there is no test `is {name}`"));
        match name {
            "defined" | "undefined" => error
                .help("a column of the list is always there, though its value may be empty: `if company`"),
            "empty" => error.help("write `not …`"),
            "eq" | "equalto" | "sameas" | "true" | "false" => error.help("compare with `==`"),
            "in" => error.help("write `plan in [\"pro\", \"team\"]`"),
            _ => error.help(known(name, "is ", TESTS.map(|entry| entry.0).as_slice())),
        }
    }
}

/// What a filter gives for this subject, if it takes it at all.
fn result_of(signature: Signature, subject: &Typed) -> Option<Typed> {
    let ty = &subject.ty;
    let any = *ty == Type::Any;
    let result = match (signature, ty) {
        (Signature::Text, Type::Text) => return Some(Typed { iso_date: None, ..subject.clone() }),
        (Signature::Text | Signature::Date, _) if any => Type::Text,
        (Signature::Item, Type::Text) | (Signature::Join, Type::List(_) | Type::Any) => Type::Text,
        (Signature::Number, _) if ty.is_number() || any => ty.clone(),
        (Signature::Decimal, _) if ty.is_number() || any => Type::Decimal,
        (Signature::Date, _) if subject.is_date() => Type::Text,
        (Signature::Length, Type::Text | Type::List(_) | Type::Any) => Type::Int,
        (Signature::Item, Type::List(item)) => (**item).clone(),
        (Signature::Item, _) if any => Type::Any,
        (Signature::Split, Type::Text | Type::Any) => Type::List(Box::new(Type::Text)),
        _ => return None,
    };
    Some(Typed::plain(result))
}

fn wanted_by(signature: Signature) -> &'static str {
    match signature {
        Signature::Text | Signature::Split => "text",
        Signature::Number | Signature::Decimal => "a number",
        Signature::Date => "a date",
        Signature::Length | Signature::Item => "a text or a list",
        Signature::Join => "a list",
        Signature::Default => "a value",
    }
}

/// The nearest name that there is, or all of them.
fn known(typed: &str, prefix: &str, names: &[&str]) -> String {
    nearest(typed, names.iter().copied()).map_or_else(
        || format!("there are: {}", names.join(", ")),
        |near| format!("did you mean `{prefix}{near}`?"),
    )
}
