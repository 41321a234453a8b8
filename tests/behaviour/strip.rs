//! TypeScript and JSX as the JavaScript that Node runs.

use std::path::Path;

use oxc_allocator::Allocator;
use oxc_codegen::Codegen;
use oxc_parser::Parser;
use oxc_semantic::SemanticBuilder;
use oxc_span::SourceType;
use oxc_transformer::{HelperLoaderMode, JsxRuntime, TransformOptions, Transformer};

/// Takes the types out of a file and turns its markup into calls. JavaScript without markup is left as it is, to the
/// byte. Directives are put first, as the comments of what is taken out go with it.
pub(crate) fn to_javascript(path: &Path, text: &str) -> Result<String, String> {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    if matches!(extension, "js" | "mjs" | "cjs") {
        return Ok(text.to_owned());
    }
    let allocator = Allocator::default();
    let source_type = SourceType::from_path(path).map_err(|e| e.to_string())?;
    let parsed = Parser::new(&allocator, text, source_type).parse();
    if let Some(error) = parsed.diagnostics.first() {
        return Err(error.to_string());
    }
    let mut program = parsed.program;
    let scoping = SemanticBuilder::new().with_enum_eval(true).build(&program).semantic.into_scoping();
    let mut options = TransformOptions::default();
    // Calls of `React.createElement` and of helpers under one free name: both are stubs then.
    options.jsx.runtime = JsxRuntime::Classic;
    options.decorator.legacy = true;
    options.helper_loader.mode = HelperLoaderMode::External;
    let done = Transformer::new(&allocator, path, &options).build_with_scoping(scoping, &mut program);
    if let Some(error) = done.diagnostics.first() {
        return Err(error.to_string());
    }
    let code = Codegen::new().build(&program).code;
    let head: String = directives(text).map(|line| format!("{line}\n")).collect();
    Ok(head + &code)
}

/// The lines of a text that are directives to the behaviour test.
pub(crate) fn directives(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| line.starts_with("// behaviour:"))
}
