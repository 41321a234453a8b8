; Every call, or construction, with an argument: whether the last one is an error-first callback is for Rust to say.
(call_expression
  arguments: (arguments (_))) @candidate

(new_expression
  arguments: (arguments (_))) @candidate
