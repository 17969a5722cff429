//! What libraries say in English, in every language: the mistakes of a regular expression.

use super::{Phrase, Sentence};

/// The texts of the `regex` crate that have no number in them.
const TEXTS: &[Phrase] = &[
    phrase!(
        en "invalid escape sequence found in character class",
        es "secuencia de escape no válida en una clase de caracteres"
    ),
    phrase!(
        en "invalid character class range, the start must be <= the end",
        es "rango no válido en una clase de caracteres: el inicio debe ser <= el fin"
    ),
    phrase!(
        en "invalid range boundary, must be a literal",
        es "límite de rango no válido: debe ser un literal"
    ),
    phrase!(en "unclosed character class", es "clase de caracteres sin cerrar"),
    phrase!(en "decimal literal empty", es "literal decimal vacío"),
    phrase!(en "decimal literal invalid", es "literal decimal no válido"),
    phrase!(en "hexadecimal literal empty", es "literal hexadecimal vacío"),
    phrase!(
        en "hexadecimal literal is not a Unicode scalar value",
        es "el literal hexadecimal no es un valor escalar de Unicode"
    ),
    phrase!(en "invalid hexadecimal digit", es "dígito hexadecimal no válido"),
    phrase!(
        en "incomplete escape sequence, reached end of pattern prematurely",
        es "secuencia de escape incompleta: el patrón termina antes"
    ),
    phrase!(en "unrecognized escape sequence", es "secuencia de escape desconocida"),
    phrase!(en "dangling flag negation operator", es "operador de negación de opciones sin opción"),
    phrase!(en "duplicate flag", es "opción repetida"),
    phrase!(en "flag negation operator repeated", es "operador de negación de opciones repetido"),
    phrase!(en "expected flag but got end of regex", es "se esperaba una opción y terminó la expresión"),
    phrase!(en "unrecognized flag", es "opción desconocida"),
    phrase!(en "duplicate capture group name", es "nombre de grupo repetido"),
    phrase!(en "empty capture group name", es "nombre de grupo vacío"),
    phrase!(en "invalid capture group character", es "carácter no válido en un nombre de grupo"),
    phrase!(en "unclosed capture group name", es "nombre de grupo sin cerrar"),
    phrase!(en "unclosed group", es "grupo sin cerrar"),
    phrase!(en "unopened group", es "grupo sin abrir"),
    phrase!(
        en "invalid repetition count range, the start must be <= the end",
        es "rango de repeticiones no válido: el inicio debe ser <= el fin"
    ),
    phrase!(
        en "repetition quantifier expects a valid decimal",
        es "el cuantificador de repetición espera un decimal válido"
    ),
    phrase!(en "unclosed counted repetition", es "repetición contada sin cerrar"),
    phrase!(
        en "repetition operator missing expression",
        es "al operador de repetición le falta una expresión"
    ),
    phrase!(
        en "special word boundary assertion is either unclosed or contains an invalid character",
        es "el límite de palabra especial está sin cerrar o contiene un carácter no válido"
    ),
    phrase!(
        en "unrecognized special word boundary assertion, valid choices are: start, end, start-half or \
            end-half",
        es "límite de palabra especial desconocido; los válidos son `start`, `end`, `start-half` y `end-half`"
    ),
    phrase!(en "invalid Unicode character class", es "clase de caracteres Unicode no válida"),
    phrase!(en "backreferences are not supported", es "no se admiten referencias a grupos anteriores"),
    phrase!(
        en "look-around, including look-ahead and look-behind, is not supported",
        es "no se admiten aserciones hacia adelante ni hacia atrás"
    ),
    phrase!(en "Unicode not allowed here", es "aquí no se permite Unicode"),
    phrase!(en "pattern can match invalid UTF-8", es "el patrón puede coincidir con UTF-8 no válido"),
    phrase!(en "Unicode property not found", es "no existe la propiedad Unicode"),
    phrase!(en "Unicode property value not found", es "no existe ese valor de la propiedad Unicode"),
];

/// A library's text in every language where it is known, else as it is.
pub fn foreign(text: &str) -> Sentence {
    match TEXTS.iter().find(|known| known.en == text) {
        Some(known) => Sentence::from(*known),
        None => Sentence::plain(text),
    }
}
