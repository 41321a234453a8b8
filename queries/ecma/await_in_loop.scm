; Every loop. Whether its rounds wait for anything is for Rust to say.
[
  (for_in_statement)
  (for_statement)
  (while_statement)
  (do_statement)
] @candidate
