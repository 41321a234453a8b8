; Every call of `Promise.all` and its like. Whether what it waits for is made from a list, and from which, is for Rust
; to say.
(call_expression
  function: (member_expression
    object: (identifier) @class
    property: (property_identifier) @method)
  (#eq? @class "Promise")
  (#any-of? @method "all" "allSettled")) @candidate
