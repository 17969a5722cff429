//! Why a line is not quite what the Python was, and the sentences for it in each language.

use crate::words::sentence::{Phrase, Sentence};

/// Why a line is not quite what the Python was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Not said at all, or with another meaning.
    pub kind: MarkKind,
    /// The reason, in each language: `mark.why.show(lang)`.
    pub why: Sentence,
}

/// What a mark is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// The language has no line for it.
    Unsaid,
    /// The line runs, and does something else in a case that the reason tells.
    Changed,
}

impl Mark {
    /// A statement for which there is no line.
    pub fn unsaid(why: impl Into<Sentence>) -> Mark {
        Mark { kind: MarkKind::Unsaid, why: why.into() }
    }

    /// A line with another meaning.
    pub fn changed(why: impl Into<Sentence>) -> Mark {
        Mark { kind: MarkKind::Changed, why: why.into() }
    }
}

/// "there is no line for `sorted()`".
pub fn no_line_for(what: &str) -> Sentence {
    say!(en "there is no line for `{what}`", es "no hay una línea para `{what}`", what)
}

pub const PICKLE: Phrase = phrase!(
    en "pickle is Python's own: bytes that run code when they are read; send JSON instead",
    es "pickle es solo de Python: bytes que ejecutan código al leerse; mejor envía JSON"
);

pub const THREAD_ERROR: Phrase = phrase!(
    en "an error in this thread ends the script here, in Python the thread alone: catch it inside with `try`",
    es "un error en este hilo termina aquí el script, en Python solo el hilo: atrápalo adentro con `try`"
);

pub const SOCKET_LEFT_OPEN: Phrase = phrase!(
    en "Python closes this socket when no name is left for it; here it stays open until `close`",
    es "Python cierra este socket cuando ya no queda un nombre para él; aquí sigue abierto hasta `close`"
);

pub const LENGTH_IN_BYTES: Phrase = phrase!(
    en "counts bytes here; of text Python counts the characters",
    es "aquí cuenta bytes; de un texto Python cuenta los caracteres"
);

pub const PLACES_ARE_BYTES: Phrase = phrase!(
    en "places in text count bytes here, characters in Python",
    es "las posiciones en un texto cuentan bytes aquí, caracteres en Python"
);

pub const NUMBER_AND_TEXT: Phrase = phrase!(
    en "a number equals the text that it prints here; in Python 1 is not \"1\"",
    es "un número es igual al texto que muestra aquí; en Python 1 no es \"1\""
);

pub const TEXT_AND_BYTES: Phrase = phrase!(
    en "text and bytes are one thing here, and may be equal; in Python they never are",
    es "texto y bytes son lo mismo aquí, y pueden ser iguales; en Python nunca lo son"
);

pub const SHOWN_AS_TEXT: Phrase = phrase!(
    en "shown as text here; if it is bytes, Python shows b'…'",
    es "aquí se muestra como texto; si son bytes, Python muestra b'…'"
);

pub const SHOWN_AS_VALUE: Phrase = phrase!(
    en "lists and maps are shown with double quotes here",
    es "las listas y los mapas se muestran aquí con comillas dobles"
);

pub const ERROR_WORDS: Phrase = phrase!(
    en "the words of an error that the script does not raise itself are sockbook's own here; Python has others, as `[Errno N] …`",
    es "las palabras de un error que el script no lanza son aquí las de sockbook; Python tiene otras, como `[Errno N] …`"
);

pub const ROUNDED_DOWN: Phrase = phrase!(
    en "`/` of whole numbers is rounded down here: there are no fractions",
    es "`/` entre enteros se redondea hacia abajo aquí: no hay fracciones"
);

pub const TAKEN_AS_NUMBERS: Phrase = phrase!(
    en "taken as numbers; text and bytes are joined with `\"${a}${b}\"`",
    es "se toman como números; textos y bytes se unen con `\"${a}${b}\"`"
);

pub const FRACTIONS: Phrase = phrase!(
    en "there is no arithmetic with fractions",
    es "no hay aritmética con fracciones"
);

pub const TOO_BIG: Phrase = phrase!(
    en "integers have 64 bits here",
    es "los enteros tienen 64 bits aquí"
);

pub const TRIMS_BOTH: Phrase = phrase!(
    en "takes all white space off both ends here",
    es "aquí quita todo el espacio en blanco de ambos extremos"
);

pub const ONE_BLANK: Phrase = phrase!(
    en "splits at each single blank here, in Python at each run of white space",
    es "aquí separa en cada espacio, en Python en cada grupo de espacios"
);

pub const SHORT_NUMBER: Phrase = phrase!(
    en "fewer bytes than the number needs are an error here; Python makes a smaller number of them",
    es "menos bytes que los que necesita el número son un error aquí; Python hace con ellos un número menor"
);

pub const STANDARD_ERROR: Phrase = phrase!(
    en "`print` writes to standard output only",
    es "`print` escribe solo en la salida estándar"
);

pub const NANOSECONDS: Phrase = phrase!(
    en "the time is whole nanoseconds here, a fraction of seconds in Python",
    es "la hora son nanosegundos enteros aquí, segundos con fracción en Python"
);

pub const FIRST_ADDRESS: Phrase = phrase!(
    en "tries the first IPv4 address alone; Python tries each that the name has",
    es "prueba solo la primera dirección IPv4; Python prueba cada una que tiene el nombre"
);

pub const ALL_THREADS: Phrase = phrase!(
    en "waits for every thread here: this one was started elsewhere",
    es "espera aquí a todos los hilos: este se inició en otro lugar"
);

pub const MANY_OBJECTS: Phrase = phrase!(
    en "a class is flattened into names and `def`s here, for one object; this would be a second one",
    es "una clase se aplana aquí en nombres y `def`, para un solo objeto; este sería el segundo"
);

pub const CLOSURE: Phrase = phrase!(
    en "a `def` stands in no other `def`",
    es "un `def` no puede estar dentro de otro `def`"
);

pub const OWN_ERROR: Phrase = phrase!(
    en "errors of one's own have the class below which they stand here",
    es "los errores propios tienen aquí la clase bajo la que están"
);

pub const CTRL_C: Phrase = phrase!(
    en "Ctrl-C is no error here: it ends what runs, and `finally` is run",
    es "Ctrl-C no es un error aquí: termina lo que corre, y `finally` se ejecuta"
);

pub const NO_RESULT: Phrase = phrase!(
    en "this call gives no value here",
    es "esta llamada no da un valor aquí"
);

pub const TOO_DEEP: Phrase = phrase!(
    en "this is nested too deeply",
    es "esto está anidado demasiado profundo"
);

pub const TOO_LONG: Phrase = phrase!(
    en "the text takes too many steps to read",
    es "leer el texto toma demasiados pasos"
);

pub const NONE_IS_EMPTY: Phrase = phrase!(
    en "`None` is empty here: it equals whatever is empty, and is shown as nothing",
    es "`None` está vacío aquí: es igual a todo lo vacío, y se muestra como nada"
);

pub const KEYS_ARE_TEXT: Phrase = phrase!(
    en "the keys of a map are text here: 1 and \"1\" are one key; in Python they are two",
    es "las claves de un mapa son texto aquí: 1 y \"1\" son una clave; en Python son dos"
);

pub const GOES_OVER_A_COPY: Phrase = phrase!(
    en "goes over what the list has when the loop begins; Python sees the changes that the loop makes",
    es "recorre lo que la lista tiene al comenzar el ciclo; Python ve los cambios que hace el ciclo"
);

pub const LINE_FEEDS: Phrase = phrase!(
    en "a line keeps the `\\r\\n` that it ends in here; of text Python makes `\\n` of it",
    es "una línea conserva aquí el `\\r\\n` en que termina; en un texto Python lo hace `\\n`"
);

pub const TEXT_ORDER: Phrase = phrase!(
    en "texts that are numbers are ordered as numbers here; in Python \"10\" comes before \"9\"",
    es "los textos que son números se ordenan como números aquí; en Python \"10\" va antes de \"9\""
);

pub const REENTRANT: Phrase = phrase!(
    en "a lock that its own thread may take twice is none here",
    es "un candado que su propio hilo puede tomar dos veces no existe aquí"
);

pub const SIGN_BEHIND: Phrase = phrase!(
    en "the zeros stand before a sign here, behind it in Python",
    es "los ceros van aquí antes de un signo, en Python después"
);

pub const RUNS_TWICE: Phrase = phrase!(
    en "a call in this place would run twice",
    es "una llamada en este lugar correría dos veces"
);

pub const COPIED: Phrase = phrase!(
    en "a list or a map is copied here; in Python both names are one, and see each other's changes",
    es "aquí una lista o un mapa se copia; en Python ambos nombres son uno, y ven los cambios del otro"
);

pub const JSON_LETTERS: Phrase = phrase!(
    en "letters beyond ASCII are written as they are here; Python writes `\\u00f1`",
    es "las letras fuera de ASCII se escriben tal cual aquí; Python escribe `\\u00f1`"
);

pub const LIST_ASSUMED: Phrase = phrase!(
    en "taken as a list; the items of bytes are numbers in Python",
    es "se toma como una lista; los elementos de bytes son números en Python"
);

pub const LINE_ENDS: Phrase = phrase!(
    en "the last line of the file ends in a line end here, whether it has one or not",
    es "la última línea del archivo termina aquí en fin de línea, lo tenga o no"
);

pub const SPACE_OF_NAMES: Phrase = phrase!(
    en "`def`s only read the script's names here; those they change are copied into a shared name now",
    es "los `def` solo leen los nombres del script aquí; los que cambian se copian ahora a un nombre compartido"
);

pub const TRUTH: Phrase = phrase!(
    en "taken as true unless it is empty; a number 0 is not empty here",
    es "se toma como verdadero si no está vacío; el número 0 no está vacío aquí"
);

pub const OTHER_FAMILY: Phrase = phrase!(
    en "shown by its name here, as a number or a constant in Python",
    es "se muestra por su nombre aquí, como número o constante en Python"
);

pub const UNPACKED_STAR: Phrase = phrase!(
    en "`*` and `**` in a call need a list whose length is known",
    es "`*` y `**` en una llamada necesitan una lista de largo conocido"
);

pub const QUEUE_OF_TEXT: Phrase = phrase!(
    en "a queue is a pair of sockets here: what comes out is text, and at most some 200 KB wait in it",
    es "una cola es un par de sockets aquí: lo que sale es texto, y a lo más esperan unos 200 KB en ella"
);

pub const CLASS_OF_ITS_OWN: Phrase = phrase!(
    en "only a class with one object, or a thread's, is flattened into `def`s",
    es "solo una clase con un objeto, o la de un hilo, se aplana en `def`"
);

pub const JSON_SHOWN: Phrase = phrase!(
    en "out of JSON: a flag is shown as 1 or 0 here, a list with double quotes",
    es "sale de un JSON: un valor lógico se muestra aquí como 1 o 0, una lista con comillas dobles"
);

pub const NO_SEPARATOR: Phrase = phrase!(
    en "where the separator is missing this gives nothing; Python gives the whole",
    es "donde falta el separador esto no da nada; Python da el total"
);
