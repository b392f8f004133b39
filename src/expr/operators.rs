//! The types of comparisons and arithmetic.

use minijinja::machinery::ast::{BinOp, BinOpKind, Expr};

use super::check::{Checker, Comparison, Role};
use super::error::ExprError;
use super::schema::Kind;
use super::types::{Type, Typed, comparable, type_it};

impl Checker<'_> {
    pub(super) fn check_comparison(
        &mut self,
        left: &Expr<'_>,
        comparison: Comparison,
        right: &Expr<'_>,
    ) -> Result<(), ExprError> {
        let left_typed = self.check(left, Role::Value)?;
        if comparison == Comparison::Membership {
            return self.check_membership(left, &left_typed, right);
        }
        let right_typed = self.check(right, Role::Value)?;
        self.compare(left, &left_typed, right, &right_typed)?;
        let lesser = match comparison {
            Comparison::LesserLeft => left,
            Comparison::LesserRight => right,
            _ => return Ok(()),
        };
        for (side, typed) in [(left, &left_typed), (right, &right_typed)] {
            if matches!(typed.ty, Type::Bool | Type::None) {
                let message = format!("{} is {} and has no order", self.name(side), typed.ty.name());
                return Err(self.error(side, message));
            }
        }
        self.guard(lesser);
        Ok(())
    }

    fn check_membership(
        &mut self,
        left: &Expr<'_>,
        left_typed: &Typed,
        right: &Expr<'_>,
    ) -> Result<(), ExprError> {
        let items = match right {
            Expr::List(list) => Some(&list.items),
            Expr::Tuple(tuple) => Some(&tuple.items),
            _ => None,
        };
        if let Some(items) = items {
            for item in items {
                let typed = self.check(item, Role::Value)?;
                self.compare(left, left_typed, item, &typed)?;
            }
            return Ok(());
        }
        let typed = self.check(right, Role::Value)?;
        match &typed.ty {
            Type::List(item) => self.compare(left, left_typed, right, &Typed::plain((**item).clone())),
            // An empty text is part of every text: who has no plan would be among those of "pro, team".
            Type::Text if typed.iso_date.is_some() && !left_typed.columns.is_empty() => Err(self
                .error(right, format!("{} is one text, not a list of texts", self.name(right)))
                .help("write a list: `plan in [\"pro\", \"team\"]`")),
            Type::Text if matches!(left_typed.ty, Type::Text | Type::Any) => Ok(()),
            Type::Any => Ok(()),
            Type::Text => {
                Err(self.error(left, format!("only a text can be `in` a text, not {}", left_typed.ty.name())))
            }
            other => Err(self
                .error(right, format!("nothing is `in` {}", other.name()))
                .help("write a list: `plan in [\"pro\", \"team\"]`")),
        }
    }

    fn compare(
        &self,
        left: &Expr<'_>,
        left_typed: &Typed,
        right: &Expr<'_>,
        right_typed: &Typed,
    ) -> Result<(), ExprError> {
        comparable(left_typed, right_typed).map_err(|help| {
            let message = format!(
                "{} is {} and {} is {}: they cannot be compared",
                self.name(left),
                left_typed.ty.name(),
                self.name(right),
                right_typed.ty.name()
            );
            let range = self.error(left, "").range.start..self.error(right, "").range.end;
            ExprError::new(range, message).maybe_help(help)
        })
    }

    /// Marks the columns that can make `expr`, the lesser side of a comparison, none.
    fn guard(&mut self, expr: &Expr<'_>) {
        match expr {
            Expr::Var(var) if matches!(self.schema.kind(var.id), Some(Kind::Int | Kind::Date)) => {
                self.analysis.guard(super::syntax::extent(expr), var.id);
            }
            Expr::Filter(filter) if matches!(filter.name, "abs" | "round") => {
                if let Some(subject) = &filter.expr {
                    self.guard(subject);
                }
            }
            Expr::IfExpr(choice) => {
                self.guard(&choice.true_expr);
                if let Some(other) = &choice.false_expr {
                    self.guard(other);
                }
            }
            Expr::BinOp(op) if matches!(op.op, BinOpKind::ScAnd | BinOpKind::ScOr) => {
                if matches!(op.op, BinOpKind::ScAnd) {
                    self.guard(&op.left);
                }
                self.guard(&op.right);
            }
            _ => {}
        }
    }

    pub(super) fn check_arithmetic(&mut self, expr: &Expr<'_>, op: &BinOp<'_>) -> Result<Typed, ExprError> {
        let left = self.check(&op.left, Role::Value)?;
        let right = self.check(&op.right, Role::Value)?;
        let adds = matches!(op.op, BinOpKind::Add);
        if adds && [&left, &right].iter().any(|side| side.ty == Type::Text && side.columns.is_empty()) {
            return Err(self.error(expr, "texts are not added").help("join them with `~`"));
        }
        self.must_be_number(&op.left, &left)?;
        self.must_be_number(&op.right, &right)?;
        let whole = !matches!(op.op, BinOpKind::Div | BinOpKind::Pow);
        Ok(Typed::plain(if whole && left.ty == Type::Int && right.ty == Type::Int {
            Type::Int
        } else {
            Type::Decimal
        }))
    }

    /// A part that must be a number.
    pub(super) fn number(&mut self, expr: &Expr<'_>) -> Result<Type, ExprError> {
        let typed = self.check(expr, Role::Value)?;
        self.must_be_number(expr, &typed)?;
        Ok(typed.ty)
    }

    fn must_be_number(&self, expr: &Expr<'_>, typed: &Typed) -> Result<(), ExprError> {
        if typed.ty.is_number() || typed.ty == Type::Any {
            return Ok(());
        }
        let help = match (&typed.ty, typed.column_name()) {
            (Type::Text, Some(column)) => Some(type_it(column, "int")),
            _ => None,
        };
        let message = format!("{} is {}, a number is wanted here", self.name(expr), typed.ty.name());
        Err(self.error(expr, message).maybe_help(help))
    }

    /// A part that must be a text.
    pub(super) fn text(&mut self, expr: &Expr<'_>) -> Result<(), ExprError> {
        let ty = self.check(expr, Role::Value)?.ty;
        if matches!(ty, Type::Text | Type::Any) {
            return Ok(());
        }
        Err(self.error(expr, format!("{} is {}, a text is wanted here", self.name(expr), ty.name())))
    }
}
