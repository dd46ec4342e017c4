//! What stands in functions' arguments alone. Clients write it and never read it, so that reading it, like reading the functions
//! themselves, need not be compiled to machine code until somebody, a server, uses it.
//!
//! This decides where code is made and never what there is: whatever leaves a doubt counts as read.

use std::collections::HashMap;

use tl_parser::schema::{CombinatorId, CombinatorKind, TypeId, View};

use super::graph::Graph;
use super::shape::{Field, Shape};

/// Per node of the [`Graph`], who reads it.
#[derive(Clone, Debug)]
pub(crate) struct Arguments {
    types: usize,
    /// What arguments of functions can hold.
    in_arguments: Vec<bool>,
    /// What can be read without a call: what results of functions hold, and types that no function mentions, as updates are,
    /// or objects of a schema without functions, with what these hold.
    elsewhere: Vec<bool>,
}

impl Arguments {
    /// Follows what definitions hold. `reads_any` says that values of all types are read somewhere.
    pub(super) fn find(
        view: &View<'_>,
        graph: &Graph,
        fields: &HashMap<CombinatorId, Vec<Field>>,
        results: &HashMap<CombinatorId, Shape>,
        reads_any: bool,
    ) -> Self {
        let is_function = |id: CombinatorId| view.schema()[id].kind == CombinatorKind::Function;
        let (functions, constructors): (Vec<_>, Vec<_>) =
            fields.keys().partition(|id| is_function(**id));
        let arguments = functions
            .iter()
            .flat_map(|&&id| graph.edges(graph.constructor_node(id)))
            .map(|edge| edge.to);
        let in_arguments = reached(graph, arguments.collect());
        let mut roots: Vec<_> = results
            .values()
            .flat_map(|shape| graph.edges_of(shape))
            .map(|edge| edge.to)
            .collect();
        let in_results = reached(graph, roots.clone());
        let types = view.schema().types();
        let count = types.len();
        let types = types.map(|(ty, _)| graph.type_node(ty));
        let types = types.filter(|&node| !graph.edges(node).is_empty());
        let own = constructors.iter().map(|&&id| graph.constructor_node(id));
        let all = types.chain(own);
        roots.extend(all.filter(|&node| !in_arguments[node] && !in_results[node]));
        let mut elsewhere = reached(graph, roots);

        let can_be_any = |shape: &Shape| matches!(shape, Shape::Object { .. });
        let read = constructors
            .iter()
            .filter(|&&&id| elsewhere[graph.constructor_node(id)]);
        let reads_any = reads_any
            || read
                .flat_map(|id| &fields[*id])
                .any(|field| holds(&field.shape, can_be_any))
            || results.iter().any(|(id, shape)| {
                // The type that a query returns is another function's result; any other is the caller's choice.
                let is_returned = |shape: &Shape| match shape {
                    Shape::Var(var) => fields[id]
                        .iter()
                        .any(|field| field.shape == Shape::Query(*var)),
                    _ => true,
                };
                holds(shape, |shape| can_be_any(shape) || !is_returned(shape))
            });
        if reads_any {
            elsewhere.fill(true);
        }
        Self {
            types: count,
            in_arguments,
            elsewhere,
        }
    }

    /// Adds what is so at another layer of the schema.
    pub(crate) fn add(&mut self, other: &Self) {
        let add = |own: &mut [bool], other: &[bool]| {
            let both = own.iter_mut().zip(other);
            both.for_each(|(own, other)| *own |= other);
        };
        add(&mut self.in_arguments, &other.in_arguments);
        add(&mut self.elsewhere, &other.elsewhere);
    }

    /// Whether values of a type stand in arguments alone.
    pub(crate) fn alone_hold(&self, ty: TypeId) -> bool {
        self.is_alone(ty.index())
    }

    /// Whether values of a constructor do.
    pub(crate) fn alone_hold_bare(&self, id: CombinatorId) -> bool {
        self.is_alone(self.types + id.index())
    }

    fn is_alone(&self, node: usize) -> bool {
        self.in_arguments[node] && !self.elsewhere[node]
    }
}

fn reached(graph: &Graph, mut waiting: Vec<usize>) -> Vec<bool> {
    let mut reached = vec![false; graph.len()];
    while let Some(node) = waiting.pop() {
        if !std::mem::replace(&mut reached[node], true) {
            waiting.extend(graph.edges(node).iter().map(|edge| edge.to));
        }
    }
    reached
}

fn holds(shape: &Shape, is_such: impl Fn(&Shape) -> bool) -> bool {
    let mut holds = false;
    shape.walk(&mut |shape| holds |= is_such(shape));
    holds
}

#[cfg(test)]
mod tests {
    use crate::Config;
    use crate::rust::plan::Item;

    /// The structs and enums, apart from functions, that only servers read.
    fn in_arguments_alone(schema: &str) -> Vec<String> {
        let config = Config::new().schema_text("a.tl", schema);
        let plan = config.plan().expect("it can be generated").plan;
        let items = plan.modules.iter().filter(|module| {
            let last = module.path.last();
            last.is_some_and(|last| last != "functions")
        });
        let items = items.flat_map(|module| {
            module.items.iter().filter_map(|item| match item {
                Item::Struct(item) if item.is_argument => {
                    Some(format!("{}::{}", module.path.join("::"), item.name))
                }
                Item::Enum(item) if item.is_argument => {
                    Some(format!("{}::{}", module.path.join("::"), item.name))
                }
                _ => None,
            })
        });
        items.collect()
    }

    const NONE: [&str; 0] = [];

    #[test]
    fn arguments_and_what_they_hold_are_in() {
        let schema = "
            inputPoint x:int label:InputLabel = InputPoint;
            inputPointEmpty = InputPoint;
            inputLabel n:# texts:n*[ at:int text:string ] = InputLabel;
            tree branches:Vector<Tree> leaf:InputLabel = Tree;
            ---functions---
            plant flags:# trees:flags.0?Vector<Tree> at:InputPoint = Bool;";
        let found = in_arguments_alone(schema);
        let expected = [
            "enums::InputPoint",
            "enums::InputLabel",
            "enums::Tree",
            "types::InputPoint",
            "types::InputLabel",
            "types::InputLabelTexts",
            "types::Tree",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_a_result_holds_is_out() {
        let schema = "
            point label:Label = Point;
            label text:string = Label;
            inputPoint label:Label = InputPoint;
            ---functions---
            put at:InputPoint label:Label = Vector<Point>;
            with {X:Type} query:!X at:InputPoint = X;";
        let found = in_arguments_alone(schema);
        assert_eq!(found, ["enums::InputPoint", "types::InputPoint"]);
    }

    #[test]
    fn what_a_type_without_a_call_holds_is_out() {
        // Nothing holds an update but an update.
        let schema = "
            update of:Held = Update;
            updates first:Update more:Vector<Updates> = Updates;
            held text:string = Held;
            input text:string = Input;
            ---functions---
            put held:Held input:Input = Bool;";
        let found = in_arguments_alone(schema);
        assert_eq!(found, ["enums::Input", "types::Input"]);
        let without_functions = schema.split("---").next().expect("a part");
        assert_eq!(in_arguments_alone(without_functions), NONE);
    }

    #[test]
    fn where_any_value_can_be_read_all_are_out() {
        let with = |definition: &str, call: &str| {
            in_arguments_alone(&format!(
                "input text:string = Input; {definition} ---functions--- put input:Input = Bool; {call}"
            ))
        };
        assert_eq!(with("", ""), ["enums::Input", "types::Input"]);
        assert_eq!(with("packed of:Object = Packed;", ""), NONE);
        assert_eq!(with("", "get = Object;"), NONE);
        assert_eq!(with("", "same {X:Type} x:X = X;"), NONE);
        // That of an argument is read by servers.
        assert_eq!(with("", "send of:Object = Bool;").len(), 2);
    }

    #[test]
    fn what_a_type_is_given_may_be_read() {
        let schema = "
            pair {X:Type} first:X second:X = Pair X;
            given text:string = Given;
            bare text:string = Bare;
            ---functions---
            put given:Given bare:bare = Pair Given;";
        // Nothing mentions `Bare`, so that it may come by itself.
        assert_eq!(in_arguments_alone(schema), NONE);
    }

    #[test]
    fn what_one_layer_reads_is_out_at_all() {
        let schema = "
            ===1===
            input text:string = Input;
            other text:string = Other;
            ---functions---
            put input:Input other:Other = Bool;
            ===2===
            ---functions---
            get = Input;";
        let found = in_arguments_alone(schema);
        assert_eq!(
            found,
            ["layer_1::enums::Other", "layer_1::types::Other"],
            "the second layer has the same"
        );
    }
}
