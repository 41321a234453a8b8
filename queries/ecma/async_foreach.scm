; Every call of an array method that is handed a function. Whether that is async, and what becomes of its promises, is
; for Rust to say.
(call_expression
  function: (member_expression
    property: (property_identifier) @method)
  arguments: (arguments [(arrow_function) (function_expression)])
  (#any-of? @method
    "forEach" "map" "flatMap" "reduce" "reduceRight" "filter" "some" "every" "find" "findIndex" "findLast" "findLastIndex"
    "sort")) @candidate
