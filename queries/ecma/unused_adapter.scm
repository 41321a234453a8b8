; Every function, every call that is handed a name, a member or what a call gives, and everything that may be imported:
; which of them are adapters, make a promise form of one, or bring one in for nothing, is for Rust to say.
[
  (function_declaration)
  (function_expression)
  (arrow_function)
  (method_definition)
] @candidate

(call_expression
  arguments: (arguments [(identifier) (member_expression) (call_expression)])) @candidate

[
  (import_specifier)
  (shorthand_property_identifier_pattern)
  (pair_pattern)
  (variable_declarator)
] @candidate
