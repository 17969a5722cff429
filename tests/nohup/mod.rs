//! Was the whole test started under `nohup`, or by what ignores SIGHUP? What it starts inherits that.

/// Does a program that is started here hear SIGHUP? If not, that is said.
pub fn hears_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let mask = status.lines().find_map(|l| l.strip_prefix("SigIgn:")).unwrap();
    let ignored = u64::from_str_radix(mask.trim(), 16).unwrap() & 1 != 0;
    if ignored {
        eprintln!("skipped: nothing that is started here hears SIGHUP");
    }
    !ignored
}
