//! The description of the command line, and what is wrong with arguments, in the language of the messages.
//!
//! clap speaks English: where another language is spoken, each of its texts is looked up here, and its own headings
//! and errors are worded again.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command};

use super::failure::Failure;
use crate::words::{Lang, Phrase, Sentence, one_of};

/// Every text of the command line's description.
const TEXTS: &[Phrase] = &[
    phrase!(
        en "A notebook for sockets: a REPL and script runner whose commands are the Berkeley socket calls",
        es "Un cuaderno para sockets: un REPL y ejecutor de scripts cuyos comandos son las llamadas de sockets de Berkeley"
    ),
    phrase!(en "Run this line; may be given several times", es "Ejecuta esta línea; se puede dar varias veces"),
    phrase!(
        en "A script, and its arguments; without one the prompt opens",
        es "Un script y sus argumentos; sin él se abre el prompt"
    ),
    phrase!(en "Run a script", es "Ejecuta un script"),
    phrase!(
        en "A script (`-` is standard input), and its arguments",
        es "Un script (`-` es la entrada estándar) y sus argumentos"
    ),
    phrase!(
        en "Run scripts as tests and compare their `#>` answers",
        es "Ejecuta scripts como pruebas y compara sus respuestas `#>`"
    ),
    phrase!(
        en "Say every mistake of scripts, running nothing",
        es "Muestra todos los errores de los scripts, sin ejecutar nada"
    ),
    phrase!(en "Scripts, and folders of scripts", es "Scripts y carpetas de scripts"),
    phrase!(en "A name that is given from outside", es "Un nombre que se da desde fuera"),
    phrase!(en "Bring scripts into the one layout", es "Da a los scripts el formato único"),
    phrase!(
        en "Change nothing: show what would change, and exit with 1 if anything would",
        es "No cambia nada: muestra lo que cambiaría, y termina con 1 si algo cambiaría"
    ),
    phrase!(
        en "Scripts, folders of scripts, or `-` for standard input",
        es "Scripts, carpetas de scripts, o `-` para la entrada estándar"
    ),
    phrase!(
        en "Write a shell's completions of this command line",
        es "Escribe el autocompletado de esta línea de comandos para un shell"
    ),
    phrase!(
        en "Python and notebooks as scripts; scripts as Python, as notebooks and as pages",
        es "Python y cuadernos como scripts; scripts como Python, como cuadernos y como páginas"
    ),
    phrase!(
        en "A script, a Python program or a notebook: .sock, .py or .ipynb",
        es "Un script, un programa de Python o un cuaderno: .sock, .py o .ipynb"
    ),
    phrase!(
        en "What it becomes: sock, python, ipynb, markdown, or a file by its ending (`-` is standard output)",
        es "En qué se convierte: sock, python, ipynb, markdown, o un archivo según su terminación (`-` es la salida estándar)"
    ),
    phrase!(
        en "The file to write (`-` is standard output); without it FILE with another ending",
        es "El archivo que se escribe (`-` es la salida estándar); sin él, FILE con otra terminación"
    ),
    phrase!(en "Write over a file that is there", es "Sobrescribe un archivo que ya existe"),
    phrase!(
        en "Run the script first: its outputs and its ladder go into the notebook or the page",
        es "Primero ejecuta el script: sus salidas y su diagrama van al cuaderno o a la página"
    ),
    phrase!(
        en "The lessons: list them, or bring one into this folder and check it",
        es "Las lecciones: muestra la lista, o trae una a esta carpeta y la revisa"
    ),
    phrase!(
        en "The lesson: its number, or part of its name; without one they are listed",
        es "La lección: su número, o parte de su nombre; sin ella se muestra la lista"
    ),
    phrase!(
        en "Show the hint for the next blank, and nothing else",
        es "Muestra la pista del próximo hueco, y nada más"
    ),
    phrase!(en "Show the lesson with its blanks filled in", es "Muestra la lección con sus huecos llenos"),
    phrase!(en "Write the manual page", es "Escribe la página de manual"),
    phrase!(en "Explain the commands, or one of them", es "Explica los comandos, o uno de ellos"),
    phrase!(en "All of them, as a Markdown table", es "Todos, como una tabla de Markdown"),
    phrase!(en "What each method of socket2 is here", es "Qué es aquí cada método de socket2"),
    phrase!(
        en "The words of the language as a TextMate grammar",
        es "Las palabras del lenguaje como una gramática de TextMate"
    ),
    phrase!(en "Give a name a value", es "Da un valor a un nombre"),
    phrase!(
        en "Show each line and its result, as the prompt would",
        es "Muestra cada línea y su resultado, como en el prompt"
    ),
    phrase!(
        en "Show each system call on standard error",
        es "Muestra cada llamada al sistema en el error estándar"
    ),
    phrase!(
        en "Draw what happened on standard error, when the script is over",
        es "Dibuja en el error estándar lo que pasó, cuando el script termina"
    ),
    phrase!(
        en "Write what happened to this file as a capture for Wireshark (pcapng)",
        es "Escribe lo que pasó en este archivo, como captura para Wireshark (pcapng)"
    ),
    phrase!(
        en "Write what happened in each script that failed to this folder, as a capture for Wireshark (pcapng)",
        es "Escribe en esta carpeta lo que pasó en cada script que falló, como captura para Wireshark (pcapng)"
    ),
    phrase!(
        en "Offer the script's lines one by one at the prompt, and draw its text cells",
        es "Ofrece las líneas del script una a una en el prompt, y dibuja sus celdas de texto"
    ),
    phrase!(
        en "Open the prompt where the script ended or failed, its sockets alive",
        es "Abre el prompt donde el script terminó o falló, con sus sockets vivos"
    ),
    phrase!(
        en "Open the prompt without the settings and the init.sock of the configuration folder",
        es "Abre el prompt sin los ajustes ni el init.sock de la carpeta de configuración"
    ),
    phrase!(
        en "The network is only this: a name, an address, a CIDR, `loopback`, a Unix path; may be given several times",
        es "La red es solo esto: un nombre, una dirección, un CIDR, `loopback`, una ruta Unix; se puede dar varias veces"
    ),
    phrase!(
        en "Files are read only below this folder, and the temporary one; may be given several times",
        es "Los archivos se leen solo bajo esta carpeta, y la temporal; se puede dar varias veces"
    ),
    phrase!(
        en "Files are written only below this folder, and the temporary one; may be given several times",
        es "Los archivos se escriben solo bajo esta carpeta, y la temporal; se puede dar varias veces"
    ),
    phrase!(
        en "No programs; one that may be started is held by none of these options",
        es "Ningún programa; uno que sí se pueda iniciar no queda sujeto a ninguna de estas opciones"
    ),
    phrase!(
        en "Loopback, the temporary folder, no programs: held by the checks, by the kernel, or by both [default: what there is]",
        es "Loopback, la carpeta temporal, ningún programa: sujeto por las comprobaciones, por el kernel, o por ambos [por defecto: lo que haya]"
    ),
    phrase!(
        en "A name with a value that is never shown; without VALUE it is the environment's of that name",
        es "Un nombre con un valor que nunca se muestra; sin VALUE es el del entorno con ese nombre"
    ),
    phrase!(
        en "A limit for every command that may wait",
        es "Un límite para todo comando que pueda esperar"
    ),
    phrase!(
        en "`json`: an object for each command run",
        es "`json`: un objeto por cada comando ejecutado"
    ),
    phrase!(en "`json`: an object for each mistake", es "`json`: un objeto por cada error"),
    phrase!(en "The language of the messages", es "El idioma de los mensajes"),
    phrase!(en "The shell", es "El shell"),
    phrase!(en "A command, a keyword or a socket option", es "Un comando, una palabra clave o una opción de socket"),
    phrase!(
        en "How many scripts run at a time [default: the number of cores]",
        es "Cuántos scripts se ejecutan a la vez [por defecto: el número de núcleos]"
    ),
    phrase!(
        en "Only scripts for which this holds: `http and not (tag:slow or ipv6)`; given several times, each must hold",
        es "Solo los scripts para los que se cumple: `http and not (tag:slow or ipv6)`; si se da varias veces, cada una se debe cumplir"
    ),
    phrase!(
        en "Only scripts that failed when they last ran here",
        es "Solo los scripts que fallaron la última vez que se ejecutaron aquí"
    ),
    phrase!(
        en "A JSON report of an earlier run: the parts of `--shard` then take about as long",
        es "Un informe JSON de una ejecución anterior: las partes de `--shard` tardan entonces casi lo mismo"
    ),
    phrase!(
        en "Keep the temporary folders of scripts that failed, and say where they are",
        es "Conserva las carpetas temporales de los scripts que fallaron, y dice dónde están"
    ),
    phrase!(
        en "A skipped script is a failure of the run",
        es "Un script omitido es una falla de la ejecución"
    ),
    phrase!(
        en "Wait for a change of the scripts and run again what it is about, until Ctrl-C",
        es "Espera un cambio de los scripts y vuelve a ejecutar lo que afecta, hasta Ctrl-C"
    ),
    phrase!(
        en "No line for a script that went well",
        es "Ninguna línea por un script al que le fue bien"
    ),
    phrase!(en "Work on reports of `sockbook test`", es "Trabaja con informes de `sockbook test`"),
    phrase!(en "One report of several shards", es "Un informe de varias partes"),
    phrase!(en "The JSON reports of all the shards", es "Los informes JSON de todas las partes"),
    phrase!(
        en "Write a report of them all, as `sockbook test` does; without any, the JSON one on standard output",
        es "Escribe un informe de todas, como `sockbook test`; sin ninguno, el JSON en la salida estándar"
    ),
    phrase!(en "Whether what is shown is coloured", es "Si lo que se muestra va en colores"),
    phrase!(en "Only the I-th of N parts of the scripts", es "Solo la parte I de N de los scripts"),
    phrase!(en "Say which scripts would run", es "Muestra qué scripts se ejecutarían"),
    phrase!(
        en "The seed of `random`: the same bytes again",
        es "La semilla de `random`: los mismos bytes otra vez"
    ),
    phrase!(
        en "The limit of a single command that may wait [default: 10s]",
        es "El límite de un solo comando que pueda esperar [por defecto: 10s]"
    ),
    phrase!(
        en "The limit of a script [default: 60s]",
        es "El límite de un script [por defecto: 60s]"
    ),
    phrase!(
        en "Try a script that failed again, this often at most; a pass is then reported as flaky",
        es "Reintenta un script que falló, a lo más esta cantidad de veces; si pasa, se informa como inestable"
    ),
    phrase!(
        en "Run each script this often, and say how often it failed",
        es "Ejecuta cada script esta cantidad de veces, y dice cuántas falló"
    ),
    phrase!(en "Stop at the first failure", es "Se detiene en la primera falla"),
    phrase!(
        en "Write today's answers into the scripts; with `--repeat`, what all the runs share",
        es "Escribe en los scripts las respuestas de hoy; con `--repeat`, lo que todas las ejecuciones comparten"
    ),
    phrase!(
        en "Write a report: `junit=FILE`, `json=FILE`, `gradescope=FILE`, `tap=FILE` or `tap`; `sockbook help reports` says more",
        es "Escribe un informe: `junit=FILE`, `json=FILE`, `gradescope=FILE`, `tap=FILE` o `tap`; `sockbook help reports` dice más"
    ),
];

/// A text of the description in this language; as it is where it has no row.
fn told(text: &str, lang: Lang) -> String {
    TEXTS.iter().find(|row| row.en == text).map_or(text.to_string(), |row| row.show(lang).to_string())
}

/// The language that the arguments ask for, found before they are read: to say what is wrong with them.
pub fn asked_lang(arguments: &[OsString]) -> Option<Lang> {
    let mut words = arguments.iter().map_while(|a| a.to_str());
    words.by_ref().find_map(|word| word.strip_prefix("--lang=").and_then(Lang::of_code)).or_else(|| {
        let at = arguments.iter().position(|a| a == "--lang")?;
        Lang::of_code(arguments.get(at + 1)?.to_str()?)
    })
}

/// The description in this language.
pub fn described(command: Command, lang: Lang) -> Command {
    if lang == Lang::EN {
        return command;
    }
    let positional = command.get_positionals().any(|a| !a.is_hide_set());
    let subcommands = command.has_subcommands();
    let heading = |phrase: Phrase| format!("\n\n{}:\n", phrase.show(lang));
    let mut template = format!("{{about-with-newline}}\n{}: {{usage}}", USAGE.show(lang));
    if subcommands {
        template += &format!("{}{{subcommands}}", heading(phrase!(en "Commands", es "Comandos")));
    }
    if positional {
        template += &format!("{}{{positionals}}", heading(phrase!(en "Arguments", es "Argumentos")));
    }
    template += &format!("{}{{options}}", heading(phrase!(en "Options", es "Opciones")));
    let is_root = command.get_version().is_some();
    let about = command.get_about().map(|about| told(&about.to_string(), lang));
    let mut command = command
        .disable_help_flag(true)
        .mut_args(|argument| described_argument(argument, lang))
        .arg(flag("help", 'h', ArgAction::Help, phrase!(en "Print help", es "Muestra esta ayuda"), lang))
        .help_template(template);
    if let Some(about) = about {
        command = command.about(about);
    }
    if is_root {
        let version = phrase!(en "Print version", es "Muestra la versión");
        command =
            command.disable_version_flag(true).arg(flag("version", 'V', ArgAction::Version, version, lang));
    }
    command.mut_subcommands(|subcommand| described(subcommand, lang))
}

const USAGE: Phrase = phrase!(en "Usage", es "Uso");

fn flag(name: &'static str, short: char, action: ArgAction, about: Phrase, lang: Lang) -> Arg {
    Arg::new(name).short(short).long(name).action(action).help(about.show(lang)).display_order(1000)
}

fn described_argument(argument: Arg, lang: Lang) -> Arg {
    let mut help = argument.get_help().map(|help| told(&help.to_string(), lang)).unwrap_or_default();
    let mut add = |name: Phrase, values: String| {
        if !values.is_empty() {
            help.push_str(&format!(" [{}: {values}]", name.show(lang)));
        }
    };
    if argument.get_action().takes_values() && !argument.is_hide_default_value_set() {
        let values: Vec<_> = argument.get_default_values().iter().map(|v| v.to_string_lossy()).collect();
        add(phrase!(en "default", es "por defecto"), values.join(" "));
    }
    if argument.get_action().takes_values() && !argument.is_hide_possible_values_set() {
        let values: Vec<_> =
            argument.get_possible_values().iter().map(|v| v.get_name().to_string()).collect();
        add(phrase!(en "possible values", es "valores posibles"), values.join(", "));
    }
    // Both stand in the text now; clap lets only an argument with a value hide them.
    let hidden = argument.get_action().takes_values();
    let argument = argument.help(help.trim_start().to_string());
    if hidden { argument.hide_default_value(true).hide_possible_values(true) } else { argument }
}

/// What is wrong with the arguments, with the way out; the whole text behind `error: `.
pub fn wrong(error: &clap::Error, lang: Lang) -> String {
    let mut out = what_is_wrong(error).show(lang);
    for hint in hints(error) {
        let tip = say!(en "tip: {hint}", es "sugerencia: {hint}", hint);
        out.push_str(&format!("\n\n  {}", tip.show(lang)));
    }
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        let usage = usage.to_string();
        out.push_str(&format!("\n\n{}: {}", USAGE.show(lang), usage.trim_start_matches("Usage: ")));
    }
    let more = phrase!(en "For more information, try '--help'.", es "Para más información, prueba '--help'.");
    format!("{}\n\n{}", out, more.show(lang))
}

/// A text of the error's context.
fn text(error: &clap::Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join("', '"),
        Some(ContextValue::Number(n)) => n.to_string(),
        _ => String::new(),
    }
}

fn what_is_wrong(error: &clap::Error) -> Sentence {
    use ContextKind::*;
    let argument = text(error, InvalidArg);
    let value = text(error, ContextKind::InvalidValue);
    match error.kind() {
        ErrorKind::UnknownArgument => {
            say!(en "unexpected argument '{argument}' found", es "argumento inesperado '{argument}'", argument)
        }
        ErrorKind::InvalidSubcommand => say!(
            en "unrecognized subcommand '{name}'",
            es "subcomando desconocido '{name}'",
            name = text(error, InvalidSubcommand)
        ),
        ErrorKind::MissingRequiredArgument => say!(
            en "the following required arguments were not provided: '{argument}'",
            es "faltan estos argumentos obligatorios: '{argument}'",
            argument
        ),
        ErrorKind::InvalidValue if value.is_empty() => say!(
            en "a value is required for '{argument}' but none was supplied",
            es "'{argument}' requiere un valor, y no se dio ninguno",
            argument
        ),
        ErrorKind::InvalidValue => say!(
            en "invalid value '{value}' for '{argument}'",
            es "valor no válido '{value}' para '{argument}'",
            value,
            argument
        ),
        ErrorKind::ValueValidation => {
            let why = std::error::Error::source(error)
                .and_then(|source| source.downcast_ref::<Failure>())
                .map_or(Sentence::plain(""), |failure| say!(en ": {why}", es ": {why}", why = failure.0));
            say!(
                en "invalid value '{value}' for '{argument}'{why}",
                es "valor no válido '{value}' para '{argument}'{why}",
                value,
                argument,
                why
            )
        }
        ErrorKind::ArgumentConflict => say!(
            en "the argument '{argument}' cannot be used with '{other}'",
            es "el argumento '{argument}' no se puede usar con '{other}'",
            argument,
            other = text(error, PriorArg)
        ),
        ErrorKind::TooManyValues => say!(
            en "unexpected value '{value}' for '{argument}' found; no more were expected",
            es "valor inesperado '{value}' para '{argument}'; no se esperaban más",
            value,
            argument
        ),
        ErrorKind::InvalidUtf8 => {
            say!(en "an argument is not UTF-8", es "un argumento no es UTF-8")
        }
        // What else there is: clap's own text, without its first word.
        _ => Sentence::plain(error.to_string().trim_start_matches("error: ").lines().next().unwrap_or("")),
    }
}

fn hints(error: &clap::Error) -> Vec<Sentence> {
    use ContextKind::*;
    let mut hints = Vec::new();
    for kind in [SuggestedArg, SuggestedSubcommand, SuggestedValue] {
        let near = text(error, kind);
        if !near.is_empty() {
            hints.push(say!(en "did you mean '{near}'?", es "¿quisiste decir '{near}'?", near));
        }
    }
    if let Some(ContextValue::Strings(values)) = error.get(ValidValue)
        && !values.is_empty()
    {
        let values = one_of(values.iter().map(String::as_str));
        hints.push(say!(en "there are {values}", es "puede ser {values}", values));
    }
    hints
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_of_the_command_line_has_its_row() {
        fn texts(command: &Command, found: &mut Vec<String>) {
            found.extend(command.get_about().map(|about| about.to_string()));
            for argument in command.get_arguments() {
                let help = argument.get_help().map(|help| help.to_string());
                found.push(help.unwrap_or_else(|| panic!("{} says nothing", argument.get_id())));
            }
            command.get_subcommands().for_each(|subcommand| texts(subcommand, found));
        }
        let mut found = Vec::new();
        texts(&crate::driver::cli::description(), &mut found);
        let missing: Vec<_> = found.iter().filter(|text| !TEXTS.iter().any(|row| row.en == **text)).collect();
        assert!(missing.is_empty(), "{missing:#?}");
        let unused: Vec<_> = TEXTS.iter().filter(|row| !found.iter().any(|text| text == row.en)).collect();
        assert!(unused.is_empty(), "{unused:#?}");
    }

    #[test]
    fn the_language_is_found_before_the_arguments_are_read() {
        let of = |words: &[&str]| asked_lang(&words.iter().map(OsString::from).collect::<Vec<_>>());
        assert_eq!(of(&["sockbook", "--lang", "es", "--bad"]), Some(Lang::ES));
        assert_eq!(of(&["sockbook", "test", "--lang=es"]), Some(Lang::ES));
        assert_eq!(of(&["sockbook", "--lang"]), None);
        assert_eq!(of(&["sockbook", "--lang", "xx"]), None);
    }
}
