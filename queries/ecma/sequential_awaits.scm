; Every await, also what the grammar takes for a call of a function `await`: `await (f()).g()`. Whether it is the first of
; several in a row is for Rust to say.
(await_expression) @candidate

(call_expression
  function: (identifier) @name
  (#eq? @name "await")) @candidate
