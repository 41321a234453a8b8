//! The node kinds and fields that matter for names, as small enums.
//!
//! The walk asks for the kind of every node of a file, so it looks numbers up in a table, made once a grammar,
//! and compares no strings.

use std::{num::NonZeroU16, sync::OnceLock};

use crate::{source::Language, syntax::grammar};

/// What a node is to the walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Gone into; what is inside is read, or a type where this stands in a type.
    Other,
    /// Holds no name: not gone into.
    Skip,

    // Leaves that name something.
    Identifier,
    TypeIdentifier,
    ShorthandReference,
    ShorthandPattern,
    PropertyName,

    // Tokens that say something about what follows them.
    Async,
    Var,
    Let,
    Const,
    Using,
    TypeOnly,
    As,
    Global,

    // Code that opens scopes.
    FunctionDeclaration,
    FunctionExpression,
    Arrow,
    Method,
    Signature,
    MethodSignature,
    FunctionType,
    ClassDeclaration,
    ClassExpression,
    StaticBlock,
    Block,
    Switch,
    For,
    ForIn,
    Catch,
    Module,
    EnumBody,
    TypeAlias,
    ConditionalType,
    IndexSignature,

    // Code that says what its children are.
    Ambient,
    ExportStatement,
    ExportClause,
    ExportSpecifier,
    NamespaceExport,
    ImportClause,
    ImportSpecifier,
    ImportAlias,
    Field,
    Decorator,
    Parameters,
    Parameter,
    VariableDeclaration,
    LexicalDeclaration,
    Declarator,
    Enum,
    EnumAssignment,
    Assignment,
    AugmentedAssignment,
    Update,
    Pattern,
    PairPattern,
    DefaultPattern,
    Transparent,
    Member,
    JsxTag,
    TypeParameter,
    Infer,
    MappedClause,
    NestedType,
    TypeQuery,
    TypePredicate,
    Tuple,
    ComputedName,
    /// A type; what is inside is a type as well.
    Type,
}

impl Kind {
    /// Whether the node is a keyword that its parent takes note of.
    pub(super) fn is_token(self) -> bool {
        use Kind::{As, Async, Const, Global, Let, TypeOnly, Using, Var};
        matches!(self, As | Async | Const | Global | Let | TypeOnly | Using | Var)
    }

    /// Whether the node is a function that may be `async`.
    pub(super) fn is_function(self) -> bool {
        matches!(self, Self::FunctionDeclaration | Self::FunctionExpression | Self::Arrow | Self::Method)
    }

    /// Whether the node is a name.
    pub(super) fn is_leaf(self) -> bool {
        use Kind::{Identifier, PropertyName, ShorthandPattern, ShorthandReference, TypeIdentifier};
        matches!(self, Identifier | PropertyName | ShorthandPattern | ShorthandReference | TypeIdentifier)
    }
}

/// The field under which a child stands in its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    None,
    Alias,
    Alternative,
    Body,
    Decorator,
    Left,
    Name,
    Object,
    Parameter,
    Pattern,
    Value,
}

/// The kinds and fields of one grammar, by their numbers.
#[derive(Debug)]
pub(super) struct Tables {
    kinds: Vec<Kind>,
    fields: Vec<Field>,
    /// The number of the field `name`.
    pub(super) name: u16,
    /// The number of the field `source`.
    pub(super) source: u16,
    /// The number of the field `alias`.
    pub(super) alias: u16,
}

impl Tables {
    /// The tables of a language.
    pub(super) fn of(language: Language) -> &'static Self {
        static TABLES: [OnceLock<Tables>; Language::ALL.len()] = [const { OnceLock::new() }; Language::ALL.len()];
        TABLES[language as usize].get_or_init(|| Self::new(&grammar(language)))
    }

    fn new(grammar: &tree_sitter::Language) -> Self {
        let kind = |id| match grammar.node_kind_for_id(id) {
            Some(name) if grammar.node_kind_is_named(id) => named_kind(name),
            Some(name) => token_kind(name),
            None => Kind::Other,
        };
        let kinds = (0..grammar.node_kind_count()).map(|id| kind(id as u16)).collect();
        let fields = (0..=grammar.field_count())
            .map(|id| grammar.field_name_for_id(id as u16).map_or(Field::None, field))
            .collect();
        let number = |name| grammar.field_id_for_name(name).map_or(0, NonZeroU16::get);
        Self { kinds, fields, name: number("name"), source: number("source"), alias: number("alias") }
    }

    /// The kind of a node by its number. Error nodes have a number outside the grammar and are gone into.
    pub(super) fn kind(&self, id: u16) -> Kind {
        self.kinds.get(usize::from(id)).copied().unwrap_or(Kind::Other)
    }

    /// A field by its number.
    pub(super) fn field(&self, id: Option<NonZeroU16>) -> Field {
        id.and_then(|id| self.fields.get(usize::from(id.get()))).copied().unwrap_or(Field::None)
    }
}

fn token_kind(name: &str) -> Kind {
    match name {
        "async" => Kind::Async,
        "var" => Kind::Var,
        "let" => Kind::Let,
        "const" => Kind::Const,
        "using" => Kind::Using,
        "type" | "typeof" => Kind::TypeOnly,
        "as" => Kind::As,
        "global" => Kind::Global,
        _ => Kind::Skip,
    }
}

fn field(name: &str) -> Field {
    match name {
        "alias" => Field::Alias,
        "alternative" => Field::Alternative,
        "body" => Field::Body,
        "decorator" => Field::Decorator,
        "left" => Field::Left,
        "name" => Field::Name,
        "object" | "module" | "function" => Field::Object,
        "parameter" => Field::Parameter,
        "pattern" => Field::Pattern,
        "value" => Field::Value,
        _ => Field::None,
    }
}

fn named_kind(name: &str) -> Kind {
    match name {
        "identifier" | "undefined" => Kind::Identifier,
        "type_identifier" => Kind::TypeIdentifier,
        "shorthand_property_identifier" => Kind::ShorthandReference,
        "shorthand_property_identifier_pattern" => Kind::ShorthandPattern,
        "property_identifier" | "string" => Kind::PropertyName,
        "accessibility_modifier"
        | "override_modifier"
        | "comment"
        | "html_comment"
        | "hash_bang_line"
        | "number"
        | "regex"
        | "this"
        | "super"
        | "null"
        | "true"
        | "false"
        | "string_fragment"
        | "escape_sequence"
        | "private_property_identifier"
        | "statement_identifier"
        | "predefined_type"
        | "literal_type"
        | "this_type"
        | "jsx_namespace_name"
        | "jsx_text"
        | "html_character_reference"
        | "import"
        | "meta_property"
        | "optional_chain"
        | "import_attribute" => Kind::Skip,
        "function_declaration" | "generator_function_declaration" => Kind::FunctionDeclaration,
        "function_expression" | "generator_function" => Kind::FunctionExpression,
        "arrow_function" => Kind::Arrow,
        "method_definition" => Kind::Method,
        "function_signature" => Kind::Signature,
        "method_signature" | "abstract_method_signature" => Kind::MethodSignature,
        "function_type" | "constructor_type" | "call_signature" | "construct_signature" => Kind::FunctionType,
        "class_declaration" | "abstract_class_declaration" => Kind::ClassDeclaration,
        "class" => Kind::ClassExpression,
        "class_static_block" => Kind::StaticBlock,
        "statement_block" => Kind::Block,
        "switch_body" => Kind::Switch,
        "for_statement" => Kind::For,
        "for_in_statement" => Kind::ForIn,
        "catch_clause" => Kind::Catch,
        "module" | "internal_module" => Kind::Module,
        "enum_body" => Kind::EnumBody,
        "type_alias_declaration" | "interface_declaration" => Kind::TypeAlias,
        "conditional_type" => Kind::ConditionalType,
        "index_signature" => Kind::IndexSignature,
        _ => inner_kind(name),
    }
}

/// The kinds that open no scope but say what their children are.
fn inner_kind(name: &str) -> Kind {
    match name {
        "ambient_declaration" => Kind::Ambient,
        "export_statement" => Kind::ExportStatement,
        "export_clause" => Kind::ExportClause,
        "export_specifier" => Kind::ExportSpecifier,
        "namespace_export" => Kind::NamespaceExport,
        "import_clause" | "namespace_import" | "import_require_clause" => Kind::ImportClause,
        "import_specifier" => Kind::ImportSpecifier,
        "import_alias" => Kind::ImportAlias,
        "field_definition" | "public_field_definition" => Kind::Field,
        "decorator" => Kind::Decorator,
        "formal_parameters" => Kind::Parameters,
        "required_parameter" | "optional_parameter" => Kind::Parameter,
        "variable_declaration" => Kind::VariableDeclaration,
        "lexical_declaration" | "using_declaration" => Kind::LexicalDeclaration,
        "variable_declarator" => Kind::Declarator,
        "enum_declaration" => Kind::Enum,
        "enum_assignment" => Kind::EnumAssignment,
        "assignment_expression" => Kind::Assignment,
        "augmented_assignment_expression" => Kind::AugmentedAssignment,
        "update_expression" => Kind::Update,
        "object_pattern" | "array_pattern" | "rest_pattern" | "object" | "array" | "spread_element" => Kind::Pattern,
        "pair_pattern" | "pair" => Kind::PairPattern,
        "assignment_pattern" | "object_assignment_pattern" => Kind::DefaultPattern,
        "parenthesized_expression"
        | "non_null_expression"
        | "as_expression"
        | "satisfies_expression"
        | "type_assertion" => Kind::Transparent,
        "member_expression"
        | "subscript_expression"
        | "call_expression"
        | "instantiation_expression"
        | "nested_identifier" => Kind::Member,
        "jsx_opening_element" | "jsx_closing_element" | "jsx_self_closing_element" => Kind::JsxTag,
        "type_parameter" => Kind::TypeParameter,
        "infer_type" => Kind::Infer,
        "mapped_type_clause" => Kind::MappedClause,
        "nested_type_identifier" => Kind::NestedType,
        "type_query" => Kind::TypeQuery,
        "type_predicate" | "asserts" => Kind::TypePredicate,
        "tuple_type" => Kind::Tuple,
        "computed_property_name" => Kind::ComputedName,
        "type_annotation"
        | "type_arguments"
        | "type_parameters"
        | "implements_clause"
        | "extends_type_clause"
        | "asserts_annotation"
        | "type_predicate_annotation"
        | "object_type"
        | "interface_body"
        | "union_type"
        | "intersection_type"
        | "generic_type"
        | "array_type"
        | "readonly_type"
        | "parenthesized_type"
        | "lookup_type"
        | "index_type_query"
        | "template_literal_type"
        | "optional_type"
        | "rest_type"
        | "flow_maybe_type"
        | "constraint"
        | "default_type"
        | "omitting_type_annotation"
        | "adding_type_annotation"
        | "opting_type_annotation" => Kind::Type,
        _ => Kind::Other,
    }
}
