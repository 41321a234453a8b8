; Every construction of a promise. What its executor does is for Rust to say.
(new_expression
  constructor: [
    (identifier) @class
    (member_expression property: (property_identifier) @class)
  ]
  (#eq? @class "Promise")) @candidate
