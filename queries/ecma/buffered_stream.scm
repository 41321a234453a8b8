; Every call that may take something in as a whole. What is done with it is for Rust to say.
(call_expression
  function: [
    (identifier) @name
    (member_expression property: (property_identifier) @name)
  ]
  (#any-of? @name "readFile" "readFileSync" "text" "arrayBuffer" "buffer" "blob" "bytes")) @candidate
