//! `sockbook help reports`: what the reports are, and what the JSON one holds.

use crate::words::Phrase;

pub const HELP: Phrase = Phrase {
    en: "\
Reports of `sockbook test`

  --report html=FILE    a page for a browser, in one file that loads nothing: what failed, with its source, both
                        sides, the sockets, a picture of what happened, the programs' output; every script, to be
                        searched, chosen and put in order; the times
  --report junit=FILE   JUnit XML, as Jenkins, GitLab and GitHub's test actions read it
  --report json=FILE    the whole run, every command of every script with its result
  --report gradescope=FILE  `results.json` for Gradescope's autograder: each script's title and points (`test title`,
                        `test points N`; without any points each script counts one). Until the tests come to
                        their end it says that they did not, so there is always a result
  --report tap=FILE     TAP 14 with YAML diagnostics; `--report tap` writes it to standard output
  FILE `-`              standard output; what people read then goes to standard error

The option may be given several times. A report is written whole or not at all, also when Ctrl-C ends
the run: what had ended is in it, what it interrupted is told with where it was, and the rest is marked as
not run. Whether it can be written is found out before anything runs; folders that are missing are made.
`sockbook report merge FILE…` makes one JSON report of those of all the shards, and with `--report` any other.

Where GITHUB_ACTIONS is `true`, each failure is also an annotation at its line; where GITHUB_STEP_SUMMARY
names a file, a summary is added to it. Paths there are relative to GITHUB_WORKSPACE.

A script is one test, and so is each `subtest` in it. An expectation, an answer or a call that failed is a
failure; a script that is not valid, was cut off by its limit or interrupted is an error. One that passed
only when it was tried again (`--retries`) counts as passed, and is marked: `flakyFailure` in JUnit,
`flaky` in TAP and JSON. One that failed as `test fails` says is skipped in JUnit, and TODO in TAP. In
JUnit a test is known by its file and line, which are the same whether it passes or fails.

JSON, version 2 (new fields may come; none goes or changes its meaning without a new version). Its JSON Schema
is `docs/report.schema.json` of the source; that of the lines of `--format json` is `docs/lines.schema.json`:

  format, version     \"sockbook test\", 2
  sockbook            the program's version
  began, seconds      when it began (UTC), how long it took
  signal, exit        the signal that ended it or null; the exit code
  repeat              how often each script was to run
  shard               null, or: part, of, scripts (of all parts together)
  deny_skips          a skipped script made it fail
  points              null, or: got, of (the sums of `test points`)
  counts              scripts, passed, failed, errors, interrupted, known, skipped, not_run; flaky (of those
                      that passed); subtests, subtests_failed, subtests_skipped
  scripts             a list, in the order they were found:
    file              the script
    order             its place among all that were found, whatever the shard
    fixture           it is the `fixture.sock` of a folder, here because it failed
    title, tags       what its `test` lines say: null or a text, a list
    points            null, or: got, of
    status            \"passed\" \"failed\" \"invalid\" \"broken\" \"interrupted\" \"known\" \"skipped\"
                      \"not run\"
    reason            why it was skipped or not run, or is known to fail; or null
    error             null, or: message (one line), detail (all of it), file, line, column (where, from
                      1), test_line (the script's own line that led there), source (a list of places:
                      file, line, column, first, lines), sides (a list: operator, expected, got; null
                      where nothing was expected), stack (the lines from
                      there to the failure: file, line, column, text; kind (\"def\",
                      \"source\", \"round\" or \"thread\"); name, round, values), sockets and programs
                      (as they stood; null where the script never began), ladder (what happened until
                      then, drawn as SVG; or null)
    flaky             null, or the failure that a later try made good, in the same form
    blessed           its answers were written anew
    seconds           all its runs together
    runs              count, failed, retried; min and median of all in seconds
    output            what it printed
    subtests          a list: title, file and line, status, reason, error, seconds
    notes             what is to be known beside: whose a listener was, what a program left behind
    commands          each command that ran (10,000 at most), as `run --format json` writes it: file,
                      line, in, command, socket, result, error, micros
",
    es: "\
Informes de `sockbook test`

  --report html=FILE    una página para un navegador, en un archivo que no carga nada: lo que falló, con su código,
                        ambos lados, los sockets, un dibujo de lo que pasó, la salida de los programas; todos los
                        scripts, para buscarlos, elegirlos y ordenarlos; los tiempos
  --report junit=FILE   XML de JUnit, como lo leen Jenkins, GitLab y las acciones de prueba de GitHub
  --report json=FILE    la ejecución completa, cada comando de cada script con su resultado
  --report gradescope=FILE  `results.json` para el autograder de Gradescope: títulos y puntos de cada script
                        (`test title`, `test points N`; sin puntos cada script vale uno). Dice que las pruebas no
                        llegaron a su fin hasta que llegan, así que siempre hay un resultado
  --report tap=FILE     TAP 14 con diagnósticos en YAML; `--report tap` lo escribe en la salida estándar
  FILE `-`              la salida estándar; lo que leen las personas va entonces al error estándar

La opción se puede dar varias veces. Un informe se escribe completo o no se escribe, también cuando Ctrl-C
termina la ejecución: lo que había terminado está en él, lo que interrumpió se cuenta con el lugar donde
estaba, y el resto figura como no ejecutado. Si se puede escribir se averigua antes de ejecutar nada; las
carpetas que faltan se crean. `sockbook report merge FILE…` hace un informe JSON de los de todas las partes, y con
`--report` cualquier otro.

Donde GITHUB_ACTIONS es `true`, cada falla es además una anotación en su línea; donde GITHUB_STEP_SUMMARY
nombra un archivo, se le agrega un resumen. Las rutas son ahí relativas a GITHUB_WORKSPACE.

Un script es una prueba, y cada `subtest` en él también. Una expectativa, una respuesta o una llamada que
falló es una falla; un script que no es válido, que su límite cortó o que fue interrumpido es un error. Uno
que pasó solo al reintentarlo (`--retries`) cuenta como aprobado, y queda marcado: `flakyFailure` en JUnit,
`flaky` en TAP y JSON. Uno que falló como dice `test fails` figura como omitido en JUnit, y como TODO en
TAP. En JUnit una prueba se conoce por su archivo y su línea, que son los mismos si pasa o si falla.

JSON, versión 2 (puede haber campos nuevos; ninguno desaparece ni cambia su significado sin una versión nueva).
Su JSON Schema es `docs/report.schema.json` del código fuente; el de las líneas de `--format json` es
`docs/lines.schema.json`:

  format, version     \"sockbook test\", 2
  sockbook            la versión del programa
  began, seconds      cuándo empezó (UTC), cuánto tardó
  signal, exit        la señal que lo terminó o null; el código de salida
  repeat              cuántas veces se iba a ejecutar cada script
  shard               null, o: part, of, scripts (de todas las partes juntas)
  deny_skips          un script omitido la hizo fallar
  points              null, o: got, of (las sumas de `test points`)
  counts              scripts, passed, failed, errors, interrupted, known, skipped, not_run; flaky (de los
                      aprobados); subtests, subtests_failed, subtests_skipped
  scripts             una lista, en el orden en que se encontraron:
    file              el script
    order             su lugar entre todos los que se encontraron, sea cual sea la parte
    fixture           es el `fixture.sock` de una carpeta, y está aquí porque falló
    title, tags       lo que dicen sus líneas `test`: null o un texto, una lista
    points            null, o: got, of
    status            \"passed\" \"failed\" \"invalid\" \"broken\" \"interrupted\" \"known\" \"skipped\"
                      \"not run\"
    reason            por qué se omitió o no se ejecutó, o por qué se sabe que falla; o null
    error             null, o: message (una línea), detail (todo), file, line, column (dónde, desde 1),
                      test_line (la línea del propio script que llevó ahí), source (una lista de lugares:
                      file, line, column, first, lines), sides (una lista: operator, expected, got; null
                      donde no se esperaba nada), stack (las líneas desde
                      ahí hasta la falla: file, line, column, text; kind (\"def\", \"source\",
                      \"round\" o \"thread\"); name, round, values), sockets y programs (como estaban;
                      null donde el script nunca empezó), ladder (lo que pasó hasta entonces, dibujado
                      como SVG; o null)
    flaky             null, o la falla que un reintento posterior arregló, en la misma forma
    blessed           sus respuestas se escribieron de nuevo
    seconds           todas sus ejecuciones juntas
    runs              count, failed, retried; min y median de todas en segundos
    output            lo que imprimió
    subtests          una lista: title, file y line, status, reason, error, seconds
    notes             lo que conviene saber además: de quién es un socket, qué dejó atrás un programa
    commands          cada comando que se ejecutó (a lo más 10.000), como lo escribe `run --format json`:
                      file, line, in, command, socket, result, error, micros
",
};
