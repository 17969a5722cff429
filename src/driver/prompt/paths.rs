//! The files that a path could go on to.

use std::path::Path;

/// What is shown, and what is put in, for each file whose path begins so. A name that a bare word
/// cannot hold is quoted. Where a script is wanted, `*.sock` comes first, unless it is the path of a Unix socket.
pub fn candidates(typed: &str, quoted: bool, scripts: bool) -> Vec<(String, String)> {
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
        let kind = std::fs::metadata(entry.path()).map(|known| known.file_type());
        let is_folder = kind.as_ref().is_ok_and(|kind| kind.is_dir());
        let is_script = name.ends_with(".sock") && kind.is_ok_and(|kind| kind.is_file());
        let slash = if is_folder { "/" } else { "" };
        let path = format!("{folder}{name}{slash}");
        let special = path.contains(|c: char| c.is_control() || " \"'\\$#&;|<>".contains(c));
        let replacement = match (quoted, special) {
            (true, _) | (false, false) => path,
            (false, true) if is_folder => format!("\"{path}"),
            (false, true) => format!("\"{path}\""),
        };
        if !name.contains(|c: char| c.is_control() || "\"\\$".contains(c)) {
            found.push((scripts && !is_script, format!("{name}{slash}"), replacement));
        }
    }
    found.sort_unstable();
    found.into_iter().map(|(_, shown, replacement)| (shown, replacement)).collect()
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
            let found = candidates(&format!("{base}{begun}"), quoted, false);
            found.into_iter().map(|c| c.1.replace(&base, "")).collect()
        };
        assert_eq!(of("a", false), ["\"a b.sock\"", "a.sock", "all/"]);
        assert_eq!(of("a ", true), ["a b.sock"]);
        assert_eq!(of(".h", false), [".hidden"]);
        assert!(candidates("/no/such/folder/x", false, true).is_empty());
        // A script before everything else; a Unix socket's path is none, whatever it is called.
        let _listener = std::os::unix::net::UnixListener::bind(folder.path().join("a-server.sock"))?;
        std::fs::write(folder.path().join("a-file"), "")?;
        let shown: Vec<String> =
            candidates(&format!("{base}a"), false, true).into_iter().map(|c| c.0).collect();
        assert_eq!(shown, ["a b.sock", "a.sock", "a-file", "a-server.sock", "all/"]);
        Ok(())
    }
}
