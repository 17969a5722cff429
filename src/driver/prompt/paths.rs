//! The files that a path could go on to.

use std::path::Path;

/// What is shown, and what is put in, for each file whose path begins so. A name that a bare word
/// cannot hold is quoted.
pub fn candidates(typed: &str, quoted: bool) -> Vec<(String, String)> {
    let (folder, begun) = match typed.rfind('/') {
        Some(at) => typed.split_at(at + 1),
        None => ("", typed),
    };
    let Ok(entries) = std::fs::read_dir(if folder.is_empty() { Path::new(".") } else { Path::new(folder) })
    else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for entry in entries.flatten() {
        let Ok(name) = entry.file_name().into_string() else { continue };
        // As in a shell: hidden files are found by those who ask for them.
        if !name.starts_with(begun) || (name.starts_with('.') && !begun.starts_with('.')) {
            continue;
        }
        let is_folder = entry.path().is_dir();
        let slash = if is_folder { "/" } else { "" };
        let path = format!("{folder}{name}{slash}");
        let special = path.contains(|c: char| c.is_control() || " \"'\\$#&;|<>".contains(c));
        let replacement = match (quoted, special) {
            (true, _) | (false, false) => path,
            (false, true) if is_folder => format!("\"{path}"),
            (false, true) => format!("\"{path}\""),
        };
        if !name.contains(|c: char| c.is_control() || "\"\\$".contains(c)) {
            found.push((format!("{name}{slash}"), replacement));
        }
    }
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_folders_are_found() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        for name in ["a.sock", "a b.sock", ".hidden"] {
            std::fs::write(folder.path().join(name), "")?;
        }
        std::fs::create_dir(folder.path().join("all"))?;
        let base = format!("{}/", folder.path().display());
        let of = |begun: &str, quoted| -> Vec<String> {
            candidates(&format!("{base}{begun}"), quoted)
                .into_iter()
                .map(|c| c.1.replace(&base, ""))
                .collect()
        };
        assert_eq!(of("a", false), ["\"a b.sock\"", "a.sock", "all/"]);
        assert_eq!(of("a ", true), ["a b.sock"]);
        assert_eq!(of(".h", false), [".hidden"]);
        assert!(candidates("/no/such/folder/x", false).is_empty());
        Ok(())
    }
}
