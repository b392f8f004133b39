//! The types of an expression, part by part.

use minijinja::Value;
use minijinja::machinery::ast::{BinOp, BinOpKind, CallArg, CompareOpKind, Expr, UnaryOpKind};
use minijinja::value::ValueKind;

use super::analysis::Analysis;
use super::error::ExprError;
use super::names::Names;
use super::schema::{Kind, Schema};
use super::syntax::{self, extent, shortened};
use super::types::{Type, Typed};

/// Deeper nesting is refused; the walk is recursive.
const MAX_DEPTH: usize = 128;

/// What an expression is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Its value is printed: `{{ … }}`.
    Print,
    /// It holds or not: `where`, `segment`, a block's `if`, `{% if … %}`.
    Condition,
}

/// Reads an expression and checks every name and type in it.
pub fn analyse(
    source: &str,
    purpose: Purpose,
    schema: &Schema,
    names: Names<'_>,
) -> Result<Analysis, ExprError> {
    let expr = syntax::read(source)?;
    let mut checker = Checker::new(source, schema, names);
    match purpose {
        Purpose::Print => checker.print(&expr)?,
        Purpose::Condition => checker.ask(&expr)?,
    }
    let mut analysis = checker.analysis;
    analysis.printed.sort_by_key(|(range, _)| range.start);
    Ok(analysis)
}

/// What becomes of the value of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It is printed.
    Printed,
    /// It is computed with, compared, tested.
    Value,
}

/// Walks one expression.
pub(super) struct Checker<'a> {
    pub(super) source: &'a str,
    pub(super) schema: &'a Schema,
    pub(super) names: Names<'a>,
    pub(super) analysis: Analysis,
    depth: usize,
}

impl<'a> Checker<'a> {
    pub(super) fn new(source: &'a str, schema: &'a Schema, names: Names<'a>) -> Self {
        Self { source, schema, names, analysis: Analysis::default(), depth: 0 }
    }

    /// A whole expression that is printed.
    pub(super) fn print(&mut self, expr: &Expr<'_>) -> Result<(), ExprError> {
        match self.check(expr, Role::Printed)?.ty {
            ty @ (Type::List(_) | Type::Group) => {
                let error =
                    self.error(expr, format!("{} is {} and cannot be printed", self.name(expr), ty.name()));
                Err(match ty {
                    Type::Group => error.help("name the one that is meant, as in `issue.number`"),
                    _ => error.help("join its items: `|join(\", \")`"),
                })
            }
            _ => Ok(()),
        }
    }

    /// An expression that is asked "true or false".
    pub(super) fn ask(&mut self, expr: &Expr<'_>) -> Result<(), ExprError> {
        match expr {
            Expr::BinOp(op) if matches!(op.op, BinOpKind::ScAnd | BinOpKind::ScOr) => {
                self.descend(expr, |checker| {
                    checker.ask(&op.left)?;
                    checker.ask(&op.right)
                })?;
                return Ok(());
            }
            Expr::IfExpr(choice) => {
                self.descend(expr, |checker| {
                    checker.ask(&choice.test_expr)?;
                    checker.ask(&choice.true_expr)?;
                    choice.false_expr.as_ref().map_or(Ok(()), |other| checker.ask(other))
                })?;
                return Ok(());
            }
            _ => {}
        }
        let typed = self.check(expr, Role::Value)?;
        self.asked(expr, &typed)
    }

    /// What is known of a part whose value is asked "true or false".
    fn asked(&mut self, expr: &Expr<'_>, typed: &Typed) -> Result<(), ExprError> {
        let always = match expr {
            Expr::Const(literal) => literal.value.kind() != ValueKind::Bool,
            _ => matches!(typed.ty, Type::List(_) | Type::Group),
        };
        if always {
            let error = self.error(expr, format!("{} says nothing about a subscriber", self.name(expr)));
            return Err(error.help("compare a column with it: `plan in [\"pro\", \"team\"]`"));
        }
        for column in &typed.columns {
            if self.schema.kind(column) == Some(Kind::Text) {
                self.analysis.ask_text(column);
            }
        }
        Ok(())
    }

    /// The type of a part.
    pub(super) fn check(&mut self, expr: &Expr<'_>, role: Role) -> Result<Typed, ExprError> {
        self.descend(expr, |checker| checker.check_part(expr, role))
    }

    fn descend<T>(
        &mut self,
        expr: &Expr<'_>,
        walk: impl FnOnce(&mut Self) -> Result<T, ExprError>,
    ) -> Result<T, ExprError> {
        if self.depth >= MAX_DEPTH {
            return Err(self.error(expr, "this expression is nested too deeply"));
        }
        self.depth += 1;
        let walked = walk(self);
        self.depth -= 1;
        walked
    }

    fn check_part(&mut self, expr: &Expr<'_>, role: Role) -> Result<Typed, ExprError> {
        match expr {
            Expr::Var(var) => self.check_name(expr, var.id, role),
            Expr::Const(literal) => Ok(literal_type(&literal.value)),
            Expr::UnaryOp(op) => match op.op {
                UnaryOpKind::Not => self.ask(&op.expr).map(|()| Typed::plain(Type::Bool)),
                UnaryOpKind::Neg => self.number(&op.expr).map(Typed::plain),
            },
            Expr::BinOp(op) => self.check_operator(expr, op, role),
            Expr::Compare(compare) => {
                let mut left = &compare.expr;
                for next in &compare.ops {
                    self.check_comparison(left, Comparison::of(next.op), &next.expr)?;
                    left = &next.expr;
                }
                Ok(Typed::plain(Type::Bool))
            }
            Expr::IfExpr(choice) => {
                self.ask(&choice.test_expr)?;
                let yes = self.check(&choice.true_expr, role)?;
                match &choice.false_expr {
                    Some(other) => Ok(yes.or(self.check(other, role)?)),
                    None => Ok(yes),
                }
            }
            Expr::Filter(filter) => self.check_filter(expr, filter, role),
            Expr::Test(test) => self.check_test(expr, test),
            Expr::Slice(slice) => {
                for bound in [&slice.start, &slice.stop, &slice.step].into_iter().flatten() {
                    self.number(bound)?;
                }
                let subject = self.check(&slice.expr, role)?;
                match subject.ty {
                    Type::Text | Type::List(_) | Type::Any => Ok(Typed { iso_date: None, ..subject }),
                    ty => Err(self.error(expr, format!("{} cannot be cut", ty.name()))),
                }
            }
            Expr::GetAttr(_) | Expr::GetItem(_) => self.check_path(expr),
            Expr::List(list) => self.check_items(&list.items),
            Expr::Tuple(tuple) => self.check_items(&tuple.items),
            Expr::Call(call) => Err(self.refused_call(expr, &call.expr)),
            Expr::Map(_) => Err(self.error(expr, "`{…}` has no use here")),
        }
    }

    fn check_name(&mut self, expr: &Expr<'_>, id: &str, role: Role) -> Result<Typed, ExprError> {
        let range = extent(expr);
        let typed = self.names.resolve(id, id, range.clone(), self.schema)?;
        if !typed.columns.is_empty() {
            self.analysis.use_column(id);
            if role == Role::Printed {
                self.analysis.printed.push((range, id.to_owned()));
            }
        }
        Ok(typed)
    }

    fn check_items(&mut self, items: &[Expr<'_>]) -> Result<Typed, ExprError> {
        let mut item_type = None;
        for item in items {
            let ty = self.check(item, Role::Value)?.ty;
            item_type = Some(item_type.map_or(ty.clone(), |so_far: Type| so_far.or(ty)));
        }
        Ok(Typed::plain(Type::List(Box::new(item_type.unwrap_or(Type::Any)))))
    }

    /// `issue.number`, `issue["number"]`.
    fn check_path(&mut self, expr: &Expr<'_>) -> Result<Typed, ExprError> {
        let mut path = Vec::new();
        let mut at = expr;
        let root = loop {
            match at {
                Expr::GetAttr(get) => {
                    path.push(get.name.to_owned());
                    at = &get.expr;
                }
                Expr::GetItem(get) => match &get.subscript_expr {
                    Expr::Const(key) if key.value.as_str().is_some() => {
                        path.push(key.value.to_string());
                        at = &get.expr;
                    }
                    _ => {
                        return Err(self
                            .error(expr, "one item cannot be taken")
                            .help("use `|first`, `|last`"));
                    }
                },
                Expr::Var(var) => break var.id,
                _ => return Err(self.error(expr, format!("{} has no parts", self.name(at)))),
            }
        };
        let whole = self.source.get(extent(expr)).unwrap_or(root);
        let typed = self.names.resolve(root, whole, extent(at), self.schema)?;
        if typed.ty != Type::Group {
            let message = format!("`{root}` is {} and has no parts", typed.ty.name());
            return Err(self.error(expr, message));
        }
        path.push(root.to_owned());
        let path: Vec<&str> = path.iter().rev().map(String::as_str).collect();
        self.names.constant(&path, extent(expr))
    }

    fn check_operator(&mut self, expr: &Expr<'_>, op: &BinOp<'_>, role: Role) -> Result<Typed, ExprError> {
        if let Some(comparison) = Comparison::of_operator(op.op) {
            self.check_comparison(&op.left, comparison, &op.right)?;
            return Ok(Typed::plain(Type::Bool));
        }
        match op.op {
            // The left side is asked, and printed only where it is no empty value: it needs no fallback.
            BinOpKind::ScAnd | BinOpKind::ScOr => {
                let left = self.check(&op.left, Role::Value)?;
                self.asked(&op.left, &left)?;
                Ok(left.or(self.check(&op.right, role)?))
            }
            BinOpKind::Concat => {
                for side in [&op.left, &op.right] {
                    let ty = self.check(side, role)?.ty;
                    if matches!(ty, Type::List(_) | Type::Group) {
                        return Err(self.error(side, format!("{} cannot be joined to a text", ty.name())));
                    }
                }
                Ok(Typed::plain(Type::Text))
            }
            _ => self.check_arithmetic(expr, op),
        }
    }

    pub(super) fn arguments<'e, 's>(
        &self,
        expr: &Expr<'_>,
        name: &str,
        args: &'e [CallArg<'s>],
        least: usize,
        most: usize,
    ) -> Result<Vec<&'e Expr<'s>>, ExprError> {
        let mut out = Vec::with_capacity(args.len());
        for arg in args {
            match arg {
                CallArg::Pos(arg) => out.push(arg),
                _ => return Err(self.error(expr, format!("the arguments of `{name}` have no names"))),
            }
        }
        if out.len() < least || out.len() > most {
            let wanted = match (least, most) {
                (0, 0) => "no argument".to_owned(),
                (1, 1) => "one argument".to_owned(),
                (least, most) if least == most => format!("{least} arguments"),
                (least, most) => format!("{least} to {most} arguments"),
            };
            return Err(self.error(expr, format!("`{name}` takes {wanted}, not {}", out.len())));
        }
        Ok(out)
    }

    fn refused_call(&self, expr: &Expr<'_>, callee: &Expr<'_>) -> ExprError {
        match callee {
            Expr::GetAttr(get) => self
                .error(expr, format!("`.{}()` cannot be called", get.name))
                .help("filters do this: `first_name|upper`"),
            Expr::Var(var) => self.error(expr, format!("there is no function `{}`", var.id)),
            _ => self.error(expr, "nothing can be called here"),
        }
    }

    /// The name of a part in a message: as it is written.
    pub(super) fn name(&self, expr: &Expr<'_>) -> String {
        format!("`{}`", shortened(self.source.get(extent(expr)).unwrap_or(self.source)))
    }

    pub(super) fn error(&self, expr: &Expr<'_>, message: impl Into<String>) -> ExprError {
        let range = extent(expr);
        let range = range.start.min(self.source.len())..range.end.min(self.source.len());
        ExprError::new(range, message)
    }
}

/// A way of comparing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    /// `==`, `!=`
    Equality,
    /// `<`, `<=`: what stands on the left is the lesser.
    LesserLeft,
    /// `>`, `>=`: what stands on the right is.
    LesserRight,
    /// `in`, `not in`
    Membership,
}

impl Comparison {
    fn of(op: CompareOpKind) -> Self {
        match op {
            CompareOpKind::Eq | CompareOpKind::Ne => Self::Equality,
            CompareOpKind::Lt | CompareOpKind::Lte => Self::LesserLeft,
            CompareOpKind::Gt | CompareOpKind::Gte => Self::LesserRight,
            CompareOpKind::In | CompareOpKind::NotIn => Self::Membership,
        }
    }

    fn of_operator(op: BinOpKind) -> Option<Self> {
        match op {
            BinOpKind::Eq | BinOpKind::Ne => Some(Self::Equality),
            BinOpKind::Lt | BinOpKind::Lte => Some(Self::LesserLeft),
            BinOpKind::Gt | BinOpKind::Gte => Some(Self::LesserRight),
            BinOpKind::In => Some(Self::Membership),
            _ => None,
        }
    }
}

fn literal_type(value: &Value) -> Typed {
    match value.kind() {
        ValueKind::String => Typed::literal_text(value.as_str().unwrap_or_default()),
        ValueKind::Bool => Typed::plain(Type::Bool),
        ValueKind::Number if value.is_integer() => Typed::plain(Type::Int),
        ValueKind::Number => Typed::plain(Type::Decimal),
        ValueKind::None => Typed::plain(Type::None),
        _ => Typed::plain(Type::Any),
    }
}
