; Every function, and every call that is handed a name: which of them are adapters, and which make a promise form of
; one, is for Rust to say.
[
  (function_declaration)
  (function_expression)
  (arrow_function)
  (method_definition)
] @candidate

(call_expression
  arguments: (arguments (identifier))) @candidate
