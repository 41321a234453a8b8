; Every call of a promise method. Which of them is the last of its chain is for Rust to say.
(call_expression
  function: (member_expression
    property: (property_identifier) @method)
  (#any-of? @method "then" "catch" "finally")) @candidate
