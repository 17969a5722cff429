//! `sockbook help reports`: what the reports are, and what the JSON one holds.

use crate::words::Phrase;

pub const HELP: Phrase = Phrase {
    en: "\
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
",
    es: "\
Informes de `sockbook test`

  --report junit=FILE   XML de JUnit, como lo leen Jenkins, GitLab y las acciones de prueba de GitHub
  --report json=FILE    la ejecución completa, cada comando de cada script con su resultado
  --report tap=FILE     TAP 14 con diagnósticos en YAML; `--report tap` lo escribe en la salida estándar
  FILE `-`              la salida estándar; lo que leen las personas va entonces al error estándar

La opción se puede dar varias veces. Un informe se escribe completo o no se escribe, también cuando Ctrl-C
termina la ejecución: lo que había terminado está en él, y el resto figura como no ejecutado. Si se puede
escribir se averigua antes de ejecutar nada. Donde GITHUB_ACTIONS es `true`, cada falla es además una
anotación en su línea.

Un script es una prueba. Una expectativa, una respuesta o una llamada que falló es una falla; un script que
no es válido, o que su límite cortó, es un error. Uno que pasó solo al reintentarlo (`--retries`) cuenta
como aprobado, y queda marcado: `flakyFailure` en JUnit, `flaky` en TAP y JSON.

JSON, versión 1 (puede haber campos nuevos; ninguno desaparece ni cambia su significado sin una versión nueva):

  format, version     \"sockbook test\", 1
  sockbook            la versión del programa
  began, seconds      cuándo empezó (UTC), cuánto tardó
  signal, exit        la señal que lo terminó o null; el código de salida
  repeat              cuántas veces se iba a ejecutar cada script
  counts              scripts, passed, failed, errors, skipped, not_run; flaky (de los aprobados)
  scripts             una lista, en el orden en que se encontraron:
    file              el script
    status            \"passed\" \"failed\" \"invalid\" \"broken\" \"skipped\" \"not run\"
    reason            por qué se omitió, o null
    error             null, o: message (una línea), detail (todo), file, line, column (dónde, desde 1),
                      sockets y programs (como estaban; null donde el script nunca empezó)
    flaky             null, o la falla que un reintento posterior arregló, en la misma forma
    blessed           sus respuestas se escribieron de nuevo
    seconds           todas sus ejecuciones juntas
    runs              count, failed, retried; min y median de todas en segundos
    output            lo que imprimió
    commands          cada comando que se ejecutó (a lo más 10.000), como lo escribe `run --format json`:
                      file, line, in, command, socket, result, error, micros
",
};
