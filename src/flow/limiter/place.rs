//! Where a limiter comes from, seen from one file.

use std::path::{Component, Path};

use super::helper;
use crate::{
    context::Context,
    edit::NewFile,
    flow::imports::{Modules, modules, specifiers},
    project::{Home, Package, read_own},
    source::Language,
};

/// The name for the default export of `module`, if the package depends on it and the file may import it: from
/// version `esm_since` on it can't be required.
pub(super) fn of_package(cx: &Context<'_>, package: &Package, module: &str, esm_since: u64) -> Option<&'static str> {
    let version = package.dependency(module)?;
    let may = modules(cx) == Modules::Esm || version.is_some_and(|major| major < esm_since);
    may.then_some(if module == "p-map" { "pMap" } else { "pLimit" })
}

/// The helper of a package, seen from a file.
pub(super) struct Place {
    /// How the file imports it.
    pub(super) specifier: String,
    /// It, if it has to be made.
    pub(super) creates: Option<NewFile>,
}

/// Where the helper of a package is or will be, or where there is one for the part of it that the file at `path` lies in;
/// `None` where the file can import neither.
pub(super) fn of_helper(cx: &Context<'_>, package: &Package, path: &Path) -> Option<Place> {
    at_home(cx, package, package.home(), path).or_else(|| at_home(cx, package, &package.home_near(path)?, path))
}

fn at_home(cx: &Context<'_>, package: &Package, home: &Home, path: &Path) -> Option<Place> {
    let language = cx.file.source.language();
    let is_typed = language != Language::JavaScript;
    if is_typed != home.typescript || (home.esm && modules(cx) == Modules::CommonJs) {
        return None;
    }
    // A second name, should somebody else have taken the first.
    let stems = [helper::WORDS, &["map", "with", "limit"]].map(|words| home.naming.join(words));
    let text = helper::text(home);
    stems.into_iter().find_map(|stem| {
        let file = home.folder.join(format!("{stem}.{}", home.extension));
        let specifier = specifier(cx, home, path, &file)?;
        match read_own(&file) {
            Ok(there) if helper::is_ours(&there) => Some(Place { specifier, creates: None }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let creates = Some(NewFile { path: package.shown(&file), text: text.clone() });
                Some(Place { specifier, creates })
            }
            _ => None,
        }
    })
}

/// How a file names another in an import: with the extension where it writes extensions elsewhere, or where Node
/// asks for it.
fn specifier(cx: &Context<'_>, home: &Home, from: &Path, to: &Path) -> Option<String> {
    let relative = relative(from.parent()?, to)?;
    let stem = relative.strip_suffix(&format!(".{}", home.extension))?;
    let known = specifiers(cx);
    let mut others = known.iter().filter(|s| s.starts_with('.')).peekable();
    let written = |extension: &str| known.iter().any(|s| s.starts_with('.') && s.ends_with(extension));
    let extension = if others.peek().is_none() {
        let asked = modules(cx) == Modules::Esm && !home.typescript;
        if asked || home.extension.len() > 2 { format!(".{}", home.extension) } else { String::new() }
    } else if home.typescript && written(".ts") {
        ".ts".to_owned()
    } else if written(".js") || written(".mjs") || written(".cjs") {
        format!(".{}", home.extension.replace("ts", "js"))
    } else if home.extension.len() > 2 {
        format!(".{}", home.extension)
    } else {
        String::new()
    };
    Some(format!("{stem}{extension}"))
}

/// The way from a folder to a file, with `/`; both absolute.
fn relative(from: &Path, to: &Path) -> Option<String> {
    let (from, to): (Vec<_>, Vec<_>) = (from.components().collect(), to.components().collect());
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..".to_owned(), from.len() - common);
    let down = to[common..].iter().map(|c| match c {
        Component::Normal(name) => name.to_str().map(str::to_owned),
        _ => None,
    });
    let parts: Vec<String> = up.map(Some).chain(down).collect::<Option<_>>()?;
    let path = parts.join("/");
    Some(if path.starts_with("..") { path } else { format!("./{path}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_lead_up_and_down() {
        let way = |from: &str, to: &str| relative(Path::new(from), Path::new(to)).unwrap();
        assert_eq!(way("/p/src", "/p/src/util/a.js"), "./util/a.js");
        assert_eq!(way("/p/src/x/y", "/p/src/util/a.js"), "../../util/a.js");
        assert_eq!(way("/p/src", "/p/src/a.js"), "./a.js");
    }
}
