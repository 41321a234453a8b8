; Every call of a method. Whether it asks a database for one item of a list after the other is for Rust to say.
(call_expression
  function: (member_expression)) @candidate
