//! `sockbook help reports`: what the reports are, and what the JSON one holds.

pub const HELP: &str = "\
Reports of `sockbook test`

  --report junit=FILE   JUnit XML, as Jenkins, GitLab and GitHub's test actions read it
  --report json=FILE    the whole run, every command of every script with its result
  --report tap=FILE     TAP 14 with YAML diagnostics; `--report tap` writes it to standard output
  FILE `-`              standard output; what people read then goes to standard error

The option may be given several times. A report is written whole or not at all, also when Ctrl-C ends
the run: what had ended is in it, the rest is marked as not run. Whether it can be written is found out
before anything runs. Where GITHUB_ACTIONS is `true`, each failure is also an annotation at its line.

A script is one test. An expectation, an answer or a call that failed is a failure; a script that is not
valid, or was cut off by its limit, is an error. One that passed only when it was tried again
(`--retries`) counts as passed, and is marked: `flakyFailure` in JUnit, `flaky` in TAP and JSON.

JSON, version 1 (new fields may come; none goes or changes its meaning without a new version):

  format, version     \"sockbook test\", 1
  sockbook            the program's version
  began, seconds      when it began (UTC), how long it took
  signal, exit        the signal that ended it or null; the exit code
  repeat              how often each script was to run
  counts              scripts, passed, failed, errors, skipped, not_run; flaky (of those that passed)
  scripts             a list, in the order they were found:
    file              the script
    status            \"passed\" \"failed\" \"invalid\" \"broken\" \"skipped\" \"not run\"
    reason            why it was skipped, or null
    error             null, or: message (one line), detail (all of it), file, line, column (where, from
                      1), sockets and programs (as they stood; null where the script never began)
    flaky             null, or the failure that a later try made good, in the same form
    blessed           its answers were written anew
    seconds           all its runs together
    runs              count, failed, retried; min and median of all in seconds
    output            what it printed
    commands          each command that ran (10,000 at most), as `run --format json` writes it: file,
                      line, in, command, socket, result, error, micros
";
