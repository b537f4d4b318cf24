//! Puts all mutants of a file behind their switches.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use proc_macro2::{LineColumn, Span};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Arm, BinOp, Block, Expr, ExprBinary, ExprStruct, ExprUnary, Signature};

use crate::Outcome;
use crate::mutant::{Kind, Mutant, Place};

/// What stands at the end of the copy's `lib.rs`.
pub const SWITCH: &str = r#"
extern crate std as std_of_the_switches;

/// Which mutant is on.
#[doc(hidden)]
pub mod switch {
    use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
    use crate::std_of_the_switches::{env, fs, io::Write, string::ToString, sync::Mutex};

    const UNKNOWN: usize = usize::MAX;
    const ASKING: usize = usize::MAX - 1;
    const NONE: usize = usize::MAX - 2;
    static ON: AtomicUsize = AtomicUsize::new(UNKNOWN);
    static PASSED: [AtomicBool; COUNT] = [const { AtomicBool::new(false) }; COUNT];
    static FILE: Mutex<Option<fs::File>> = Mutex::new(None);

    #[inline]
    pub fn on(mutant: usize) -> bool {
        let on = ON.load(Relaxed);
        if on >= ASKING { slow(mutant) } else { on == mutant }
    }

    #[cold]
    fn slow(mutant: usize) -> bool {
        if ON.load(Relaxed) == UNKNOWN {
            let on = match (env::var("SWITCH_ON"), env::var("SWITCHES_PASSED")) {
                (Ok(on), _) => on.parse().unwrap(),
                (_, Ok(_)) => ASKING,
                _ => NONE,
            };
            ON.store(on, Relaxed);
        }
        if ON.load(Relaxed) == ASKING && !PASSED[mutant].swap(true, Relaxed) {
            let mut file = FILE.lock().unwrap();
            let file = file.get_or_insert_with(|| {
                let path = env::var("SWITCHES_PASSED").unwrap();
                fs::OpenOptions::new().create(true).append(true).open(path).unwrap()
            });
            file.write_all((mutant.to_string() + "\n").as_bytes()).unwrap();
        }
        ON.load(Relaxed) == mutant
    }
}
"#;

/// A file with its mutants in place.
pub struct Planted {
    pub text: String,
    /// Where each mutant's own code stands in it.
    pub own: Vec<(Range<usize>, usize)>,
    /// The places of an error that belongs to no single one: where these stand with all that is around them.
    pub around: Vec<(Range<usize>, Vec<usize>)>,
    /// Those that have no switch, and why.
    pub apart: Vec<(usize, &'static str)>,
}

/// Code around a piece of the original text. What is inside of it is planted too.
struct Edit {
    range: Range<usize>,
    /// Of two with the same range the lower is outside.
    rank: u8,
    /// One a mutant: its whole text, and what follows on it.
    before: Vec<(usize, String)>,
    last: &'static str,
    after: &'static str,
    /// Mutants inside that an error about the whole may come from.
    inside: Vec<usize>,
}

struct Finder<'a> {
    text: &'a str,
    /// Where each line begins.
    lines: Vec<usize>,
    wanted: HashMap<(Kind, usize), Vec<&'a Mutant>>,
    edits: Vec<Edit>,
    apart: Vec<(usize, &'static str)>,
    /// Inside of so many constants, whose value the compiler wants to know.
    constant: usize,
}

pub fn plant(text: &str, mutants: &[&Mutant], without: &HashSet<usize>) -> Outcome<Planted> {
    let file = syn::parse_file(text).map_err(|error| error.to_string())?;
    let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
    let lines = std::iter::once(0).chain(newlines).collect();
    let mut finder =
        Finder { text, lines, wanted: HashMap::new(), edits: Vec::new(), apart: Vec::new(), constant: 0 };
    for mutant in mutants.iter().filter(|mutant| !without.contains(&mutant.id)) {
        let start = finder.byte(mutant.span.start);
        finder.wanted.entry((mutant.kind, start)).or_default().push(mutant);
    }
    finder.visit_file(&file);
    let lost =
        finder.wanted.into_values().flatten().map(|mutant| (mutant.id, "apart: its place was not found"));
    finder.apart.extend(lost);
    finder
        .edits
        .sort_by_key(|edit| (edit.range.start, !edit.range.is_empty(), Reverse(edit.range.end), edit.rank));
    let mut planted =
        Planted { text: String::new(), own: Vec::new(), around: Vec::new(), apart: finder.apart };
    planted.write(text, 0..text.len(), &finder.edits);
    Ok(planted)
}

impl Planted {
    fn write(&mut self, text: &str, range: Range<usize>, mut edits: &[Edit]) {
        let mut at = range.start;
        while let Some((edit, rest)) = edits.split_first() {
            let inside = rest.iter().take_while(|other| other.range.start < edit.range.end).count();
            let (inside, rest) = rest.split_at(inside);
            self.text.push_str(&text[at..edit.range.start]);
            let begins = self.text.len();
            for (mutant, code) in &edit.before {
                let start = self.text.len();
                self.text.push_str(code);
                self.own.push((start..self.text.len(), *mutant));
            }
            self.text.push_str(edit.last);
            self.write(text, edit.range.clone(), inside);
            self.text.push_str(edit.after);
            let all =
                edit.before.iter().map(|(mutant, _)| *mutant).chain(edit.inside.iter().copied()).collect();
            self.around.push((begins..self.text.len(), all));
            at = edit.range.end;
            edits = rest;
        }
        self.text.push_str(&text[at..range.end]);
    }
}

impl<'a> Finder<'a> {
    fn byte(&self, place: Place) -> usize {
        let line = self.lines[place.line - 1];
        let characters = self.text[line..].char_indices().map(|(at, _)| at).chain([self.text.len() - line]);
        line + characters.into_iter().nth(place.column - 1).unwrap_or(self.text.len() - line)
    }

    fn range(&self, span: Span) -> Range<usize> {
        let byte = |place: LineColumn| self.byte(Place { line: place.line, column: place.column + 1 });
        byte(span.start())..byte(span.end())
    }

    fn take(&mut self, kind: Kind, start: usize) -> Vec<&'a Mutant> {
        let found = self.wanted.remove(&(kind, start)).unwrap_or_default();
        if self.constant == 0 {
            return found;
        }
        self.apart.extend(found.iter().map(|mutant| (mutant.id, "apart: in a constant")));
        Vec::new()
    }

    /// One of several expressions in place of another.
    fn choose(&mut self, range: Range<usize>, rank: u8, found: &[&Mutant], text: impl Fn(&Mutant) -> String) {
        if found.is_empty() {
            return;
        }
        let mut before = Vec::new();
        for (place, mutant) in found.iter().enumerate() {
            let open = if place == 0 { "(" } else { "" };
            let code = format!("{open}if crate::switch::on({}) {{ ({}) }} else ", mutant.id, text(mutant));
            before.push((mutant.id, code));
        }
        self.edits.push(Edit { range, rank, before, last: "{ (", after: ") })", inside: Vec::new() });
    }

    fn in_constant(&mut self, visit: impl FnOnce(&mut Self)) {
        self.constant += 1;
        visit(self);
        self.constant -= 1;
    }

    fn body(&mut self, signature: &Signature, block: &Block) {
        let constant = usize::from(signature.constness.is_some());
        self.constant += constant;
        if let Some(first) = block.stmts.first() {
            let start = self.range(first.span()).start;
            let mut found = self.take(Kind::Value, start);
            found.retain(|mutant| {
                let builds = !mutant.replacement.contains("::std::");
                if !builds {
                    self.apart.push((mutant.id, "E0433: the library knows no std"));
                }
                builds
            });
            let early = |mutant: &&Mutant| {
                let code = format!(
                    "if crate::switch::on({}) {{ use alloc::{{boxed::Box, string::String, vec}}; return {}; }}; ",
                    mutant.id, mutant.replacement
                );
                (mutant.id, code)
            };
            if !found.is_empty() {
                let before = found.iter().map(early).collect();
                self.edits.push(Edit {
                    range: start..start,
                    rank: 0,
                    before,
                    last: "",
                    after: "",
                    inside: Vec::new(),
                });
            }
        }
        self.visit_block(block);
        self.constant -= constant;
    }
}

/// `let` in a chain of conditions, which may stand nowhere else.
fn has_let(expression: &Expr) -> bool {
    match expression {
        Expr::Let(_) => true,
        Expr::Binary(ExprBinary { left, op: BinOp::And(_), right, .. }) => has_let(left) || has_let(right),
        _ => false,
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.body(&function.sig, &function.block);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.body(&function.sig, &function.block);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(block) = &function.default {
            self.body(&function.sig, block);
        }
    }

    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        self.in_constant(|finder| visit::visit_item_const(finder, item));
    }

    fn visit_impl_item_const(&mut self, item: &'ast syn::ImplItemConst) {
        self.in_constant(|finder| visit::visit_impl_item_const(finder, item));
    }

    fn visit_trait_item_const(&mut self, item: &'ast syn::TraitItemConst) {
        self.in_constant(|finder| visit::visit_trait_item_const(finder, item));
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        self.in_constant(|finder| visit::visit_item_static(finder, item));
    }

    fn visit_type_array(&mut self, array: &'ast syn::TypeArray) {
        self.in_constant(|finder| visit::visit_type_array(finder, array));
    }

    fn visit_generic_argument(&mut self, argument: &'ast syn::GenericArgument) {
        self.in_constant(|finder| visit::visit_generic_argument(finder, argument));
    }

    fn visit_expr_repeat(&mut self, repeat: &'ast syn::ExprRepeat) {
        self.visit_expr(&repeat.expr);
        self.in_constant(|finder| finder.visit_expr(&repeat.len));
    }

    fn visit_expr_binary(&mut self, binary: &'ast ExprBinary) {
        let (whole, operator) = (self.range(binary.span()), self.range(binary.op.span()));
        let found = self.take(Kind::Binary, operator.start);
        if has_let(&binary.left) || has_let(&binary.right) {
            self.apart.extend(found.iter().map(|mutant| (mutant.id, "error: `||` in a chain with `let`")));
        } else {
            let (left, right) =
                (&self.text[whole.start..operator.start], &self.text[operator.end..whole.end]);
            self.choose(whole, 3, &found, |mutant| format!("{left}{}{right}", mutant.replacement));
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_unary(&mut self, unary: &'ast ExprUnary) {
        let (whole, operator) = (self.range(unary.span()), self.range(unary.op.span()));
        let found = self.take(Kind::Unary, operator.start);
        let operand = &self.text[operator.end..whole.end];
        self.choose(whole, 3, &found, |_| operand.to_owned());
        visit::visit_expr_unary(self, unary);
    }

    fn visit_expr_struct(&mut self, structure: &'ast ExprStruct) {
        let whole = self.range(structure.span());
        for field in &structure.fields {
            let start = self.range(field.span()).start;
            let found = self.take(Kind::Field, start);
            let text = self.text;
            let ends: Vec<usize> = found.iter().map(|mutant| self.byte(mutant.span.end)).collect();
            let without = |mutant: &Mutant| {
                let place = found.iter().position(|other| other.id == mutant.id).unwrap_or(0);
                format!("{}{}", &text[whole.start..start], &text[ends[place]..whole.end])
            };
            self.choose(whole.clone(), 3, &found, without);
        }
        visit::visit_expr_struct(self, structure);
    }

    fn visit_expr_match(&mut self, expression: &'ast syn::ExprMatch) {
        // Without one of its arms it may not know what to do.
        let starts: Vec<usize> = expression.arms.iter().map(|arm| self.range(arm.span()).start).collect();
        let arms = starts.into_iter().filter_map(|start| self.wanted.get(&(Kind::Arm, start)));
        let inside: Vec<usize> = arms.flatten().map(|mutant| mutant.id).collect();
        if !inside.is_empty() {
            let range = self.range(expression.span());
            self.edits.push(Edit { range, rank: 4, before: Vec::new(), last: "", after: "", inside });
        }
        visit::visit_expr_match(self, expression);
    }

    fn visit_arm(&mut self, arm: &'ast Arm) {
        let start = self.range(arm.span()).start;
        let deleted = self.take(Kind::Arm, start);
        let guard = arm.guard.as_ref().map(|(_, guard)| self.range(guard.span()));
        for mutant in &deleted {
            let edit = match guard.clone() {
                Some(range) => {
                    let code = format!("!crate::switch::on({}) && ", mutant.id);
                    Edit {
                        range,
                        rank: 1,
                        before: vec![(mutant.id, code)],
                        last: "(",
                        after: ")",
                        inside: Vec::new(),
                    }
                }
                None => {
                    let end = self.range(arm.pat.span()).end;
                    let code = format!(" if !crate::switch::on({}) ", mutant.id);
                    Edit {
                        range: end..end,
                        rank: 1,
                        before: vec![(mutant.id, code)],
                        last: "",
                        after: "",
                        inside: Vec::new(),
                    }
                }
            };
            self.edits.push(edit);
        }
        if let Some(range) = guard {
            let found = self.take(Kind::Guard, range.start);
            self.choose(range, 2, &found, |mutant| mutant.replacement.clone());
        }
        visit::visit_arm(self, arm);
    }
}
