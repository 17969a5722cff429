//! What a failed call is called (111, ECONNREFUSED, ConnectionRefusedError) and why it happens, in en and es.

use crate::words::{Phrase, Sentence};

/// One row a class: its variant, Python's name and its parent, so that none of the three can be forgotten.
macro_rules! classes {
    ($($class:ident $name:literal < $parent:expr;)*) => {
        /// Python's exception classes, as far as errors here have one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Class {
            $(#[doc = $name] $class,)*
        }

        impl Class {
            /// Every class, in the order of the table.
            pub const ALL: &'static [Class] = &[$(Class::$class,)*];

            /// Python's name, without its module.
            pub fn name(self) -> &'static str {
                match self {
                    $(Class::$class => $name,)*
                }
            }

            /// The class it is derived from, up to `Exception`.
            pub fn parent(self) -> Option<Class> {
                match self {
                    $(Class::$class => $parent,)*
                }
            }
        }
    };
}

classes! {
    Exception "Exception" < None;
    OSError "OSError" < Some(Class::Exception);
    ConnectionError "ConnectionError" < Some(Class::OSError);
    ConnectionRefusedError "ConnectionRefusedError" < Some(Class::ConnectionError);
    ConnectionResetError "ConnectionResetError" < Some(Class::ConnectionError);
    ConnectionAbortedError "ConnectionAbortedError" < Some(Class::ConnectionError);
    BrokenPipeError "BrokenPipeError" < Some(Class::ConnectionError);
    TimeoutError "TimeoutError" < Some(Class::OSError);
    BlockingIOError "BlockingIOError" < Some(Class::OSError);
    InterruptedError "InterruptedError" < Some(Class::OSError);
    FileNotFoundError "FileNotFoundError" < Some(Class::OSError);
    FileExistsError "FileExistsError" < Some(Class::OSError);
    PermissionError "PermissionError" < Some(Class::OSError);
    IsADirectoryError "IsADirectoryError" < Some(Class::OSError);
    NotADirectoryError "NotADirectoryError" < Some(Class::OSError);
    ChildProcessError "ChildProcessError" < Some(Class::OSError);
    ProcessLookupError "ProcessLookupError" < Some(Class::OSError);
    GaiError "gaierror" < Some(Class::OSError);
    HError "herror" < Some(Class::OSError);
    EOFError "EOFError" < Some(Class::Exception);
    ValueError "ValueError" < Some(Class::Exception);
    UnicodeError "UnicodeError" < Some(Class::ValueError);
    UnicodeDecodeError "UnicodeDecodeError" < Some(Class::UnicodeError);
    UnicodeEncodeError "UnicodeEncodeError" < Some(Class::UnicodeError);
    JSONDecodeError "JSONDecodeError" < Some(Class::ValueError);
    ArithmeticError "ArithmeticError" < Some(Class::Exception);
    OverflowError "OverflowError" < Some(Class::ArithmeticError);
    ZeroDivisionError "ZeroDivisionError" < Some(Class::ArithmeticError);
    NameError "NameError" < Some(Class::Exception);
    TypeError "TypeError" < Some(Class::Exception);
    LookupError "LookupError" < Some(Class::Exception);
    IndexError "IndexError" < Some(Class::LookupError);
    KeyError "KeyError" < Some(Class::LookupError);
    AttributeError "AttributeError" < Some(Class::Exception);
    RuntimeError "RuntimeError" < Some(Class::Exception);
    RecursionError "RecursionError" < Some(Class::RuntimeError);
    MemoryError "MemoryError" < Some(Class::Exception);
    PolicyError "PolicyError" < Some(Class::Exception);
}

impl Class {
    /// Whether it is `other` or derived from it.
    pub fn is(self, other: Class) -> bool {
        self == other || self.parent().is_some_and(|parent| parent.is(other))
    }
}

/// What went wrong, as a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// A number of errno(3).
    Errno(i32),
    /// One of `EAI_*`, negative as in glibc.
    Lookup(i32),
    /// An error of the program's own: its class is all there is.
    Class(Class),
}

/// The error number of a call that failed, also where a library has put its own words around it and kept only the
/// kind.
pub fn number_of(error: &std::io::Error) -> Option<i32> {
    use std::io::ErrorKind::*;
    let number = match error.kind() {
        _ if error.raw_os_error().is_some() => return error.raw_os_error(),
        NotFound => libc::ENOENT,
        PermissionDenied => libc::EACCES,
        AlreadyExists => libc::EEXIST,
        NotADirectory => libc::ENOTDIR,
        IsADirectory => libc::EISDIR,
        ReadOnlyFilesystem => libc::EROFS,
        StorageFull => libc::ENOSPC,
        QuotaExceeded => libc::EDQUOT,
        FileTooLarge => libc::EFBIG,
        _ => return None,
    };
    Some(number)
}

impl Code {
    /// `ECONNREFUSED`, `EAI_NONAME` or the name of the class.
    pub fn name(self) -> String {
        match self {
            Code::Errno(number) => {
                errno_name(number).map_or_else(|| format!("errno {number}"), str::to_owned)
            }
            Code::Lookup(number) => {
                lookup_name(number).map_or_else(|| format!("EAI {number}"), str::to_owned)
            }
            Code::Class(class) => class.name().to_owned(),
        }
    }

    /// The number, where there is one.
    pub fn number(self) -> Option<i32> {
        match self {
            Code::Errno(number) | Code::Lookup(number) => Some(number),
            Code::Class(_) => None,
        }
    }

    /// The class Python raises for it (PEP 3151).
    pub fn class(self) -> Class {
        match self {
            Code::Errno(number) => errno_class(number),
            Code::Lookup(_) => Class::GaiError,
            Code::Class(class) => class,
        }
    }

    /// What the code means, as strerror(3) and gai_strerror(3) say it; a class has no words of its own.
    pub fn words(self) -> Sentence {
        match self {
            Code::Errno(number) => match errno_row(number) {
                Some(row) => row.words.into(),
                None => say!(en "Unknown error {number}", es "Error desconocido {number}", number),
            },
            Code::Lookup(number) => match lookup_row(number) {
                Some(row) => row.words.into(),
                None => phrase!(en "Unknown error", es "Error desconocido").into(),
            },
            Code::Class(_) => Sentence::plain(""),
        }
    }

    /// Every code of the system.
    pub fn all() -> impl Iterator<Item = Code> {
        let errnos = ERRNOS.iter().map(|row| Code::Errno(row.number));
        errnos.chain(LOOKUPS.iter().map(|row| Code::Lookup(row.number)))
    }

    /// The usual causes, each with the calls in which it is one; no calls: in any.
    pub fn reasons(self) -> impl Iterator<Item = (&'static [&'static str], Phrase)> {
        whys().filter(move |why| why.code == self).map(|why| (why.calls, why.text))
    }

    /// The usual cause and what to do, in one line: the row that names the call, else the one for any call.
    pub fn why(self, call: &str) -> Option<Phrase> {
        self.own_why(call)
            .or_else(|| whys().find(|why| why.code == self && why.calls.is_empty()).map(|why| why.text))
    }

    /// The row of this call alone; a command that loops over a call may have one of its own.
    pub fn own_why(self, call: &str) -> Option<Phrase> {
        // Linux makes the call as accept4; what goes wrong in it is the same.
        let call = if call == "accept4" { "accept" } else { call };
        whys().find(|why| why.code == self && why.calls.contains(&call)).map(|why| why.text)
    }
}

/// A name that `except` and `fails` take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caught {
    /// This error.
    Code(Code),
    /// Every error of this class or of one below it.
    Class(Class),
}

impl Caught {
    /// Reads `ECONNREFUSED` or `ConnectionError`.
    pub fn from_name(text: &str) -> Option<Caught> {
        if let Some(number) = errno_named(text) {
            return Some(Caught::Code(Code::Errno(number)));
        }
        if let Some(row) = LOOKUPS.iter().find(|row| row.name == text) {
            return Some(Caught::Code(Code::Lookup(row.number)));
        }
        let named = Class::ALL.iter().find(|class| class.name() == text);
        let synonym = || CLASS_SYNONYMS.iter().find(|(name, _)| *name == text).map(|(_, class)| class);
        named.or_else(synonym).map(|class| Caught::Class(*class))
    }

    /// The code of an error that is raised by this name.
    pub fn code(self) -> Code {
        match self {
            Caught::Code(code) => code,
            Caught::Class(class) => Code::Class(class),
        }
    }

    /// Does it catch this error?
    pub fn catches(self, code: Code) -> bool {
        match self {
            Caught::Code(own) => own == code,
            Caught::Class(class) => code.class().is(class),
        }
    }

    /// Whether it asks for a timeout by name; `OSError`, which also covers one, does not.
    pub fn is_timeout(self) -> bool {
        matches!(self, Caught::Code(Code::Errno(libc::ETIMEDOUT)) | Caught::Class(Class::TimeoutError))
    }

    /// Every name that `from_name` knows, for suggestions.
    pub fn names() -> impl Iterator<Item = &'static str> {
        let synonyms = ERRNO_SYNONYMS.iter().map(|(_, name)| *name);
        let names = |rows: &'static [Row]| rows.iter().map(|row| row.name);
        let codes = names(ERRNOS).chain(synonyms).chain(names(LOOKUPS));
        let classes = Class::ALL.iter().map(|class| class.name());
        codes.chain(classes).chain(CLASS_SYNONYMS.iter().map(|(name, _)| *name))
    }
}

/// The number of a POSIX name.
pub fn errno_named(name: &str) -> Option<i32> {
    let synonym = || ERRNO_SYNONYMS.iter().find(|(_, known)| *known == name).map(|(number, _)| *number);
    ERRNOS.iter().find(|row| row.name == name).map(|row| row.number).or_else(synonym)
}

/// The POSIX name of a number.
pub fn errno_name(number: i32) -> Option<&'static str> {
    errno_row(number).map(|row| row.name)
}

fn lookup_name(number: i32) -> Option<&'static str> {
    lookup_row(number).map(|row| row.name)
}

fn errno_row(number: i32) -> Option<&'static Row> {
    ERRNOS.iter().find(|row| row.number == number)
}

fn lookup_row(number: i32) -> Option<&'static Row> {
    LOOKUPS.iter().find(|row| row.number == number)
}

fn errno_class(number: i32) -> Class {
    match number {
        libc::EAGAIN | libc::EALREADY | libc::EINPROGRESS => Class::BlockingIOError,
        libc::EPIPE | libc::ESHUTDOWN => Class::BrokenPipeError,
        libc::ECHILD => Class::ChildProcessError,
        libc::ECONNABORTED => Class::ConnectionAbortedError,
        libc::ECONNREFUSED => Class::ConnectionRefusedError,
        libc::ECONNRESET => Class::ConnectionResetError,
        libc::EEXIST => Class::FileExistsError,
        libc::ENOENT => Class::FileNotFoundError,
        libc::EISDIR => Class::IsADirectoryError,
        libc::ENOTDIR => Class::NotADirectoryError,
        libc::EINTR => Class::InterruptedError,
        libc::EACCES | libc::EPERM => Class::PermissionError,
        libc::ESRCH => Class::ProcessLookupError,
        libc::ETIMEDOUT => Class::TimeoutError,
        _ => Class::OSError,
    }
}

/// A code of the system: its number, its name and its words.
struct Row {
    number: i32,
    name: &'static str,
    words: Phrase,
}

/// The name is the constant's own, so the two can't drift apart.
macro_rules! errnos {
    ($($name:ident $en:literal $es:literal)*) => {
        &[$(Row { number: libc::$name, name: stringify!($name), words: phrase!(en $en, es $es) },)*]
    };
}

/// Every errno of Linux, one name a number, in the order of the numbers on most machines. The words are glibc's,
/// and stand here so that an answer is the same with every C library.
const ERRNOS: &[Row] = errnos! {
    EPERM "Operation not permitted" "Operación no permitida"
    ENOENT "No such file or directory" "No existe el archivo o el directorio"
    ESRCH "No such process" "No existe el proceso"
    EINTR "Interrupted system call" "Llamada al sistema interrumpida"
    EIO "Input/output error" "Error de entrada/salida"
    ENXIO "No such device or address" "No existe el dispositivo o la dirección"
    E2BIG "Argument list too long" "Lista de argumentos demasiado larga"
    ENOEXEC "Exec format error" "Error de formato del ejecutable"
    EBADF "Bad file descriptor" "Descriptor de archivo incorrecto"
    ECHILD "No child processes" "No hay procesos hijos"
    EAGAIN "Resource temporarily unavailable" "Recurso no disponible temporalmente"
    ENOMEM "Cannot allocate memory" "No se puede asignar memoria"
    EACCES "Permission denied" "Permiso denegado"
    EFAULT "Bad address" "Dirección de memoria incorrecta"
    ENOTBLK "Block device required" "Se requiere un dispositivo de bloques"
    EBUSY "Device or resource busy" "Dispositivo o recurso ocupado"
    EEXIST "File exists" "El archivo ya existe"
    EXDEV "Invalid cross-device link" "Enlace entre dispositivos no válido"
    ENODEV "No such device" "No existe el dispositivo"
    ENOTDIR "Not a directory" "No es un directorio"
    EISDIR "Is a directory" "Es un directorio"
    EINVAL "Invalid argument" "Argumento no válido"
    ENFILE "Too many open files in system" "Demasiados archivos abiertos en el sistema"
    EMFILE "Too many open files" "Demasiados archivos abiertos"
    ENOTTY "Inappropriate ioctl for device" "Llamada ioctl no apropiada para el dispositivo"
    ETXTBSY "Text file busy" "El archivo ejecutable está en uso"
    EFBIG "File too large" "Archivo demasiado grande"
    ENOSPC "No space left on device" "No queda espacio en el dispositivo"
    ESPIPE "Illegal seek" "Desplazamiento no permitido"
    EROFS "Read-only file system" "Sistema de archivos de solo lectura"
    EMLINK "Too many links" "Demasiados enlaces"
    EPIPE "Broken pipe" "Tubería rota"
    EDOM "Numerical argument out of domain" "Argumento numérico fuera del dominio"
    ERANGE "Numerical result out of range" "Resultado numérico fuera de rango"
    EDEADLK "Resource deadlock avoided" "Se evitó un interbloqueo de recursos"
    ENAMETOOLONG "File name too long" "Nombre de archivo demasiado largo"
    ENOLCK "No locks available" "No hay cerrojos disponibles"
    ENOSYS "Function not implemented" "Función no implementada"
    ENOTEMPTY "Directory not empty" "El directorio no está vacío"
    ELOOP "Too many levels of symbolic links" "Demasiados niveles de enlaces simbólicos"
    ENOMSG "No message of desired type" "No hay mensajes del tipo deseado"
    EIDRM "Identifier removed" "Identificador eliminado"
    ECHRNG "Channel number out of range" "Número de canal fuera de rango"
    EL2NSYNC "Level 2 not synchronized" "Nivel 2 no sincronizado"
    EL3HLT "Level 3 halted" "Nivel 3 detenido"
    EL3RST "Level 3 reset" "Nivel 3 reiniciado"
    ELNRNG "Link number out of range" "Número de enlace fuera de rango"
    EUNATCH "Protocol driver not attached" "El controlador del protocolo no está conectado"
    ENOCSI "No CSI structure available" "No hay una estructura CSI disponible"
    EL2HLT "Level 2 halted" "Nivel 2 detenido"
    EBADE "Invalid exchange" "Intercambio no válido"
    EBADR "Invalid request descriptor" "Descriptor de petición no válido"
    EXFULL "Exchange full" "Intercambio lleno"
    ENOANO "No anode" "No hay ánodo"
    EBADRQC "Invalid request code" "Código de petición no válido"
    EBADSLT "Invalid slot" "Ranura no válida"
    EBFONT "Bad font file format" "Formato del archivo de tipos de letra incorrecto"
    ENOSTR "Device not a stream" "El dispositivo no es un flujo"
    ENODATA "No data available" "No hay datos disponibles"
    ETIME "Timer expired" "Expiró el temporizador"
    ENOSR "Out of streams resources" "Se agotaron los recursos de flujos"
    ENONET "Machine is not on the network" "La máquina no está en la red"
    ENOPKG "Package not installed" "El paquete no está instalado"
    EREMOTE "Object is remote" "El objeto es remoto"
    ENOLINK "Link has been severed" "El enlace se cortó"
    EADV "Advertise error" "Error de anuncio"
    ESRMNT "Srmount error" "Error de srmount"
    ECOMM "Communication error on send" "Error de comunicación al enviar"
    EPROTO "Protocol error" "Error de protocolo"
    EMULTIHOP "Multihop attempted" "Se intentó una conexión con varios saltos"
    EDOTDOT "RFS specific error" "Error específico de RFS"
    EBADMSG "Bad message" "Mensaje incorrecto"
    EOVERFLOW "Value too large for defined data type" "El valor es demasiado grande para su tipo de datos"
    ENOTUNIQ "Name not unique on network" "El nombre no es único en la red"
    EBADFD "File descriptor in bad state" "Descriptor de archivo en mal estado"
    EREMCHG "Remote address changed" "La dirección remota cambió"
    ELIBACC "Can not access a needed shared library" "No se puede acceder a una biblioteca compartida necesaria"
    ELIBBAD "Accessing a corrupted shared library" "Se accede a una biblioteca compartida dañada"
    ELIBSCN ".lib section in a.out corrupted" "Sección .lib dañada en a.out"
    ELIBMAX "Attempting to link in too many shared libraries" "Se intentan enlazar demasiadas bibliotecas compartidas"
    ELIBEXEC "Cannot exec a shared library directly" "No se puede ejecutar directamente una biblioteca compartida"
    EILSEQ "Invalid or incomplete multibyte or wide character" "Carácter multibyte no válido o incompleto"
    ERESTART "Interrupted system call should be restarted" "La llamada al sistema interrumpida debe reiniciarse"
    ESTRPIPE "Streams pipe error" "Error de tubería de flujos"
    EUSERS "Too many users" "Demasiados usuarios"
    ENOTSOCK "Socket operation on non-socket" "Operación de socket sobre algo que no es un socket"
    EDESTADDRREQ "Destination address required" "Se requiere una dirección de destino"
    EMSGSIZE "Message too long" "Mensaje demasiado largo"
    EPROTOTYPE "Protocol wrong type for socket" "Tipo de protocolo incorrecto para el socket"
    ENOPROTOOPT "Protocol not available" "Protocolo no disponible"
    EPROTONOSUPPORT "Protocol not supported" "Protocolo no soportado"
    ESOCKTNOSUPPORT "Socket type not supported" "Tipo de socket no soportado"
    EOPNOTSUPP "Operation not supported" "Operación no soportada"
    EPFNOSUPPORT "Protocol family not supported" "Familia de protocolos no soportada"
    EAFNOSUPPORT "Address family not supported by protocol" "Familia de direcciones no soportada por el protocolo"
    EADDRINUSE "Address already in use" "La dirección ya está en uso"
    EADDRNOTAVAIL "Cannot assign requested address" "No se puede asignar la dirección pedida"
    ENETDOWN "Network is down" "La red está caída"
    ENETUNREACH "Network is unreachable" "La red es inalcanzable"
    ENETRESET "Network dropped connection on reset" "La red cortó la conexión al reiniciarse"
    ECONNABORTED "Software caused connection abort" "El software abortó la conexión"
    ECONNRESET "Connection reset by peer" "Conexión reiniciada por el otro extremo"
    ENOBUFS "No buffer space available" "No hay espacio disponible en el búfer"
    EISCONN "Transport endpoint is already connected" "El extremo ya está conectado"
    ENOTCONN "Transport endpoint is not connected" "El extremo no está conectado"
    ESHUTDOWN "Cannot send after transport endpoint shutdown" "No se puede enviar después de cerrar ese sentido"
    ETOOMANYREFS "Too many references: cannot splice" "Demasiadas referencias: no se pueden unir"
    ETIMEDOUT "Connection timed out" "Se agotó el tiempo de la conexión"
    ECONNREFUSED "Connection refused" "Conexión rechazada"
    EHOSTDOWN "Host is down" "El host está caído"
    EHOSTUNREACH "No route to host" "No hay ruta hacia el host"
    EALREADY "Operation already in progress" "La operación ya está en curso"
    EINPROGRESS "Operation now in progress" "Operación en curso"
    ESTALE "Stale file handle" "Identificador de archivo obsoleto"
    EUCLEAN "Structure needs cleaning" "La estructura necesita limpieza"
    ENOTNAM "Not a XENIX named type file" "No es un archivo con nombre de XENIX"
    ENAVAIL "No XENIX semaphores available" "No hay semáforos de XENIX disponibles"
    EISNAM "Is a named type file" "Es un archivo con nombre"
    EREMOTEIO "Remote I/O error" "Error de entrada/salida remota"
    EDQUOT "Disk quota exceeded" "Cuota de disco excedida"
    ENOMEDIUM "No medium found" "No se encontró ningún medio"
    EMEDIUMTYPE "Wrong medium type" "Tipo de medio incorrecto"
    ECANCELED "Operation canceled" "Operación cancelada"
    ENOKEY "Required key not available" "La clave requerida no está disponible"
    EKEYEXPIRED "Key has expired" "La clave expiró"
    EKEYREVOKED "Key has been revoked" "La clave fue revocada"
    EKEYREJECTED "Key was rejected by service" "El servicio rechazó la clave"
    EOWNERDEAD "Owner died" "Murió el dueño"
    ENOTRECOVERABLE "State not recoverable" "El estado no se puede recuperar"
    ERFKILL "Operation not possible due to RF-kill" "Operación imposible: la radio está bloqueada"
    EHWPOISON "Memory page has hardware error" "La página de memoria tiene un error de hardware"
};

/// Second names of numbers above.
const ERRNO_SYNONYMS: &[(i32, &str)] =
    &[(libc::EWOULDBLOCK, "EWOULDBLOCK"), (libc::ENOTSUP, "ENOTSUP"), (libc::EDEADLOCK, "EDEADLOCK")];

/// The constants are written out because the libc crate does not have all of them for glibc.
macro_rules! lookups {
    ($($name:ident $number:literal $en:literal $es:literal)*) => {
        mod eai {
            $(pub const $name: i32 = $number;)*
        }

        /// Every `EAI_*` of glibc, with its words.
        const LOOKUPS: &[Row] =
            &[$(Row { number: eai::$name, name: stringify!($name), words: phrase!(en $en, es $es) },)*];
    };
}

lookups! {
    EAI_BADFLAGS -1 "Bad value for ai_flags" "Valor incorrecto de ai_flags"
    EAI_NONAME -2 "Name or service not known" "Nombre o servicio desconocido"
    EAI_AGAIN -3 "Temporary failure in name resolution" "Falla temporal en la resolución del nombre"
    EAI_FAIL -4 "Non-recoverable failure in name resolution" "Falla definitiva en la resolución del nombre"
    EAI_NODATA -5 "No address associated with hostname" "El nombre de host no tiene una dirección asociada"
    EAI_FAMILY -6 "ai_family not supported" "ai_family no soportada"
    EAI_SOCKTYPE -7 "ai_socktype not supported" "ai_socktype no soportado"
    EAI_SERVICE -8 "Servname not supported for ai_socktype" "El servicio no existe para ese ai_socktype"
    EAI_ADDRFAMILY -9 "Address family for hostname not supported" "El nombre de host no tiene direcciones de esa familia"
    EAI_MEMORY -10 "Memory allocation failure" "Falla al asignar memoria"
    EAI_SYSTEM -11 "System error" "Error del sistema"
    EAI_OVERFLOW -12 "Argument buffer overflow" "El argumento no cabe en el búfer"
    EAI_INPROGRESS -100 "Processing request in progress" "La solicitud está en curso"
    EAI_CANCELED -101 "Request canceled" "Solicitud cancelada"
    EAI_NOTCANCELED -102 "Request not canceled" "Solicitud no cancelada"
    EAI_ALLDONE -103 "All requests done" "Todas las solicitudes terminaron"
    EAI_INTR -104 "Interrupted by a signal" "Interrumpida por una señal"
    EAI_IDN_ENCODE -105 "Parameter string not correctly encoded" "El texto del parámetro está mal codificado"
}

/// What Python also calls its classes.
const CLASS_SYNONYMS: &[(&str, Class)] = &[
    ("socket.timeout", Class::TimeoutError),
    ("timeout", Class::TimeoutError),
    ("socket.error", Class::OSError),
    ("error", Class::OSError),
    ("IOError", Class::OSError),
    ("EnvironmentError", Class::OSError),
    ("socket.gaierror", Class::GaiError),
    ("socket.herror", Class::HError),
];

/// Why a code comes, in both languages; without calls the row is for any call.
struct Why {
    code: Code,
    calls: &'static [&'static str],
    text: Phrase,
}

fn whys() -> impl Iterator<Item = &'static Why> {
    [ERRNO_WHYS, LOOKUP_WHYS, CLASS_WHYS].into_iter().flatten()
}

/// Rows of `CODE [calls] "en" "es"`; a code that does not exist does not compile.
macro_rules! whys {
    ($kind:ident $home:ident: $($code:ident [$($call:ident)*] $en:literal $es:literal)*) => {
        &[$(Why { code: Code::$kind($home::$code), calls: &[$(stringify!($call)),*], text: phrase!(
            en $en,
            es $es
        ) },)*]
    };
}

// What each call really answers was tried on Linux, where it differs from the manual pages: an unconnected
// TCP socket fails `send` with EPIPE, and an unconnected Unix stream fails `recv` with EINVAL.
const ERRNO_WHYS: &[Why] = whys! { Errno libc:
    EPERM []
        "the system forbids it to this user; it needs root or a capability, so run it with `sudo`"
        "el sistema no se lo permite a este usuario; requiere root o una capability: ejecútalo con `sudo`"
    EPERM [socket]
        "raw sockets need root or CAP_NET_RAW; run with `sudo`, or skip the script with `require root`"
        "los sockets raw requieren root o CAP_NET_RAW; usa `sudo` u omite el script con `require root`"
    EPERM [setsockopt getsockopt]
        "this option needs root or CAP_NET_ADMIN; run with `sudo`, or do without the option"
        "esta opción requiere root o CAP_NET_ADMIN; usa `sudo` o prescinde de la opción"
    EPERM [connect]
        "a local firewall rule forbids this connection, or the sandbox does; look at its rules"
        "una regla del firewall local o del sandbox prohíbe esta conexión; revisa sus reglas"
    EPERM [send sendto sendmsg sendfile]
        "a local firewall drops it, or the Unix peer is connected to another socket and takes no one else's"
        "un firewall local lo descarta, o el socket Unix de destino está conectado a otro y no acepta los tuyos"
    EPERM [accept]
        "a firewall rule forbids the connection that came in; look at the rules, then `accept` again"
        "una regla del firewall prohíbe la conexión entrante; revisa las reglas y usa `accept` de nuevo"
    EPERM [bind open]
        "the folder's file system or its flags forbid making or changing this file; choose another path"
        "el sistema de archivos o sus atributos no permiten crear o cambiar este archivo; elige otra ruta"
    EPERM [kill]
        "the process belongs to another user; only its owner or root may signal it"
        "el proceso es de otro usuario; solo su dueño o root puede enviarle señales"

    ENOENT []
        "nothing has that name; check the spelling, and the folder the path starts from"
        "no existe nada con ese nombre; revisa cómo está escrito y desde qué carpeta parte la ruta"
    ENOENT [open]
        "no such file, or a folder in the path is missing; check the path and the current folder"
        "no existe el archivo, o falta una carpeta de la ruta; revisa la ruta y la carpeta actual"
    ENOENT [connect]
        "no Unix socket is at that path; start the server first, or check the path"
        "no hay un socket Unix en esa ruta; inicia el servidor primero o revisa la ruta"
    ENOENT [sendto sendmsg send]
        "no Unix socket is at that path; `bind` the receiver first, or check the path"
        "no hay un socket Unix en esa ruta; haz primero el `bind` del receptor o revisa la ruta"
    ENOENT [bind]
        "the folder the Unix socket should be made in does not exist; make it, or use another path"
        "la carpeta donde se crearía el socket Unix no existe; créala o usa otra ruta"
    ENOENT [setsockopt]
        "the kernel has no algorithm or module of that name; see /proc/sys/net/ipv4/tcp_available_congestion_control"
        "el kernel no tiene ese algoritmo o módulo; mira /proc/sys/net/ipv4/tcp_available_congestion_control"
    ENOENT [execve]
        "no such program in PATH, or the interpreter its `#!` line names is missing; check the name"
        "no hay tal programa en el PATH, o falta el intérprete de su línea `#!`; revisa el nombre"

    ESRCH []
        "no such process; it has already ended"
        "no existe ese proceso; ya terminó"
    ESRCH [sendmsg]
        "the process named in the credentials does not exist; send your own process id"
        "el proceso indicado en las credenciales no existe; envía tu propio id de proceso"

    EINTR []
        "a signal, often Ctrl-C, ended the wait before the call was done; run it again"
        "una señal, a menudo Ctrl-C, cortó la espera antes de que la llamada terminara; ejecútala otra vez"
    EINTR [connect]
        "a signal came while connecting; the attempt goes on in the kernel, so `poll --write` or `close`"
        "llegó una señal durante la conexión; el intento sigue en el kernel: usa `poll --write` o `close`"
    EINTR [close]
        "a signal came while closing; the descriptor is gone all the same, so do not `close` it again"
        "llegó una señal durante el cierre; el descriptor se liberó igual, no lo cierres otra vez"

    EIO []
        "the device or the file system failed below the call; look at the disk and the kernel's log"
        "falló el dispositivo o el sistema de archivos; revisa el disco y el registro del kernel"
    ENXIO []
        "there is no such device or interface; list the interfaces with `if_nameindex`"
        "no existe tal dispositivo o interfaz; lista las interfaces con `if_nameindex`"
    ENXIO [open sendfile]
        "the path is a Unix socket, or a pipe or device that no one serves; a socket is opened with `connect`"
        "la ruta es un socket Unix, o una tubería o dispositivo sin nadie; un socket se abre con `connect`"
    E2BIG []
        "the program's arguments and environment are too long; pass the data through a file or a socket"
        "los argumentos y el entorno del programa son muy largos; pasa los datos por un archivo o un socket"
    ENOEXEC []
        "the file is no program for this machine; a script needs a `#!` line at its top"
        "el archivo no es un programa para esta máquina; un script necesita una línea `#!` al inicio"

    EBADF []
        "the socket or file was already closed; make a new one, and see what is open with `sockets`"
        "el socket o archivo ya estaba cerrado; crea uno nuevo y mira cuáles siguen abiertos con `sockets`"
    EBADF [accept]
        "the listener was closed; `accept` needs it open until the last client has come"
        "el socket que escucha se cerró; `accept` lo necesita abierto hasta que llegue el último cliente"
    EBADF [recv recvfrom peek]
        "this socket was closed here, perhaps by another thread; `recv` before `close`"
        "este socket se cerró en este lado, quizás en otro hilo; usa `recv` antes de `close`"
    EBADF [send sendto sendmsg sendfile]
        "this socket was closed here, perhaps by another thread; `send` before `close`"
        "este socket se cerró en este lado, quizás en otro hilo; usa `send` antes de `close`"
    EBADF [read]
        "the file is closed, or was not opened for reading; open it again for reading"
        "el archivo está cerrado o no se abrió para lectura; ábrelo de nuevo para leer"
    EBADF [write]
        "the file is closed, or was not opened for writing; open it again for writing"
        "el archivo está cerrado o no se abrió para escritura; ábrelo de nuevo para escribir"

    ECHILD []
        "the process is no child of this one, or its end was already collected; `wait` once for each"
        "el proceso no es hijo de este, o su término ya fue recogido; usa `wait` una vez por cada uno"

    EAGAIN []
        "the call would have to wait, and the socket is non-blocking; `poll` first, or `setblocking true`"
        "la llamada tendría que esperar y el socket es no bloqueante; usa `poll` antes, o `setblocking true`"
    EAGAIN [recv recvfrom peek]
        "nothing has arrived yet, and the socket is non-blocking; `poll --read` first, or `setblocking true`"
        "aún no llega nada y el socket es no bloqueante; usa `poll --read` antes, o `setblocking true`"
    EAGAIN [send sendto sendmsg sendfile]
        "the send buffer is full, and the socket is non-blocking; `poll --write` first, or `setblocking true`"
        "el búfer de envío está lleno y el socket es no bloqueante; usa `poll --write` antes, o `setblocking true`"
    EAGAIN [accept]
        "no client is in the queue yet, and the listener is non-blocking; `poll --read` first, or `setblocking true`"
        "aún no hay clientes en la cola y el socket es no bloqueante; usa `poll --read` antes, o `setblocking true`"
    EAGAIN [connect]
        "the Unix listener's queue is full, or no local port is free; let the server `accept`, then try again"
        "la cola del servidor Unix está llena o no quedan puertos locales; deja que haga `accept` y reintenta"
    EAGAIN [pthread_create execve]
        "no thread or process could be made, for the limit is reached; `wait` for some to end, or see `ulimit -u`"
        "no se pudo crear un hilo o proceso: se alcanzó el límite; espera con `wait` a que terminen algunos, o mira `ulimit -u`"

    ENOMEM []
        "the kernel or the program is out of memory; close what is not needed, or ask for less at once"
        "al kernel o al programa se le acabó la memoria; cierra lo que no uses o pide menos de una vez"
    ENOBUFS []
        "the kernel has no buffer space left; close sockets, or send less at once and try again"
        "al kernel no le queda espacio de búfer; cierra sockets, o envía menos de una vez y reintenta"
    ENOBUFS [send sendto sendmsg sendfile]
        "the interface's queue is full or the message exceeds the buffers; send more slowly or in smaller pieces"
        "la cola de la interfaz está llena o el mensaje excede los búferes; envía más lento o en trozos menores"
    ENOBUFS [setsockopt]
        "too many multicast groups on one socket; leave some, or see net.ipv4.igmp_max_memberships"
        "demasiados grupos multicast en un socket; abandona algunos o mira net.ipv4.igmp_max_memberships"

    EACCES []
        "the permissions do not allow it to this user; check the owner and mode, or run as root"
        "los permisos no lo permiten a este usuario; revisa el dueño y el modo, o ejecútalo como root"
    EACCES [bind]
        "ports below 1024 need root: use a higher one; for a Unix path the folder must be writable to you"
        "los puertos menores a 1024 requieren root: usa uno mayor; en una ruta Unix debes poder escribir en la carpeta"
    EACCES [connect]
        "a broadcast address needs `setsockopt broadcast true` first; a Unix socket's file must be writable to you"
        "una dirección broadcast requiere `setsockopt broadcast true`; en un socket Unix necesitas permiso de escritura"
    EACCES [send sendto sendmsg]
        "a broadcast address needs `setsockopt broadcast true` first; a Unix socket's file must be writable to you"
        "una dirección broadcast requiere `setsockopt broadcast true`; en un socket Unix necesitas permiso de escritura"
    EACCES [socket]
        "this kind of socket is not open to this user (a ping socket: net.ipv4.ping_group_range); run as root"
        "este tipo de socket no se permite a este usuario (ping: net.ipv4.ping_group_range); ejecútalo como root"
    EACCES [setsockopt]
        "this value needs root or CAP_NET_ADMIN; run with `sudo`, or choose a lower one"
        "este valor requiere root o CAP_NET_ADMIN; usa `sudo` o elige uno menor"
    EACCES [open]
        "you may not open this file, or not enter a folder on its path; check with `ls -l`"
        "no tienes permiso para abrir este archivo o entrar a una carpeta de su ruta; revisa con `ls -l`"
    EACCES [execve]
        "the program is not executable for this user; give it the right with `chmod +x`"
        "este usuario no puede ejecutar el programa; dale el permiso con `chmod +x`"

    EFAULT []
        "the kernel was handed a bad memory address; this is a bug in sockbook, please report it"
        "el kernel recibió una dirección de memoria inválida; es un error de sockbook, por favor repórtalo"
    ENOTBLK []
        "the path is no block device; check the path"
        "la ruta no es un dispositivo de bloques; revisa la ruta"
    EBUSY []
        "another user of it has it open; wait or close that one, then try again"
        "otro lo está usando; espera o cierra al otro, y reintenta"
    EEXIST []
        "something already has that name; remove it, or choose another"
        "ya existe algo con ese nombre; elimínalo o elige otro"
    EXDEV []
        "the two paths are on different file systems; copy the file instead of moving it"
        "las dos rutas están en sistemas de archivos distintos; copia el archivo en vez de moverlo"
    ENODEV []
        "no interface has that name or index; list them with `if_nameindex`"
        "ninguna interfaz tiene ese nombre o índice; lístalas con `if_nameindex`"
    ENODEV [bind connect sendto send sendmsg]
        "the scope after `%` is no interface of this machine; list them with `if_nameindex`"
        "lo que sigue a `%` no es una interfaz de esta máquina; lístalas con `if_nameindex`"
    ENODEV [setsockopt]
        "no interface has that name or address, or no route leads to the group; list them with `if_nameindex`"
        "ninguna interfaz tiene ese nombre o dirección, o no hay ruta al grupo; lístalas con `if_nameindex`"
    ENODEV [open]
        "the device this path stands for is not there; check the path"
        "el dispositivo de esta ruta no está presente; revisa la ruta"
    ENOTDIR []
        "a part of the path is a file, not a folder; check the path"
        "una parte de la ruta es un archivo y no una carpeta; revisa la ruta"
    EISDIR []
        "the path is a folder, and a file is needed; name a file in it"
        "la ruta es una carpeta y se necesita un archivo; indica un archivo dentro de ella"

    EINVAL []
        "a value or the socket's state does not fit this call; check the arguments and what was called before"
        "un valor o el estado del socket no sirve para esta llamada; revisa los argumentos y las llamadas previas"
    EINVAL [accept]
        "this socket is not listening; `bind` and `listen` first, and do not `accept` on a connected one"
        "este socket no está escuchando; usa `bind` y `listen` antes, y no hagas `accept` en uno conectado"
    EINVAL [bind]
        "already bound or connected (make a new `socket`), or the address is of another family or lacks its `%scope`"
        "ya tiene dirección o está conectado (crea otro `socket`), o la dirección es de otra familia o le falta `%scope`"
    EINVAL [listen]
        "it is connected, or a Unix socket without a path; make a new `socket`, `bind` it, then `listen`"
        "está conectado, o es un socket Unix sin ruta; crea un `socket`, usa `bind` y luego `listen`"
    EINVAL [connect]
        "bound to loopback but the peer is elsewhere, a link-local address lacks `%scope`, or it is of another family"
        "está ligado a loopback y el destino está fuera, falta `%scope` en una link-local, o es de otra familia"
    EINVAL [send sendto sendmsg]
        "the address does not fit: port 0, another family, no `%scope`, or out of reach from where it is bound"
        "la dirección no sirve: puerto 0, otra familia, sin `%scope`, o inalcanzable desde donde está ligado"
    EINVAL [sendfile]
        "the path is a folder or special file, or the offset is negative; give a regular file"
        "la ruta es una carpeta o archivo especial, o la posición es negativa; indica un archivo normal"
    EINVAL [recv recvfrom peek]
        "a Unix stream that is not connected, or `--oob` with no urgent byte there; `connect` first, or drop `--oob`"
        "socket Unix stream sin conectar, o `--oob` sin byte urgente; usa `connect` antes, o quita `--oob`"
    EINVAL [socket]
        "the family knows no such protocol; leave the protocol out and the usual one is taken"
        "la familia no conoce ese protocolo; omítelo y se usará el habitual"
    EINVAL [shutdown]
        "only `read`, `write` or `both` can be shut down, on a connected socket; check the word"
        "solo se puede cerrar `read`, `write` o `both`, en un socket conectado; revisa la palabra"
    EINVAL [setsockopt]
        "the value is out of range, or the option must be set earlier (before `bind`, `listen` or `connect`)"
        "el valor está fuera de rango, o la opción debe fijarse antes (previo a `bind`, `listen` o `connect`)"
    EINVAL [getsockopt]
        "the option has no value in this socket's state; see the ones that apply with `options`"
        "la opción no tiene valor en este estado del socket; mira las que sirven con `options`"
    EINVAL [kill]
        "there is no such signal; name it as in `TERM`, `INT` or `KILL`"
        "no existe esa señal; nómbrala como `TERM`, `INT` o `KILL`"
    EINVAL [poll]
        "more sockets than the limit of open files allows; see `ulimit -n`"
        "hay más sockets que los permitidos por el límite de archivos abiertos; mira `ulimit -n`"
    EINVAL [open]
        "the file system does not take this name or way of opening; choose another path"
        "el sistema de archivos no acepta este nombre o modo de apertura; elige otra ruta"

    ENFILE []
        "the whole machine has too many open files; close sockets, or raise fs.file-max"
        "la máquina completa tiene demasiados archivos abiertos; cierra sockets o sube fs.file-max"
    EMFILE []
        "this program has too many open sockets and files; `close` those not needed, or raise `ulimit -n`"
        "este programa tiene demasiados sockets y archivos abiertos; usa `close` en los que sobran, o sube `ulimit -n`"
    EMFILE [accept]
        "too many open sockets, so the client stays in the queue; `close` finished ones, or raise `ulimit -n`"
        "hay demasiados sockets abiertos y el cliente sigue en la cola; usa `close` en los terminados, o sube `ulimit -n`"
    ENOTTY []
        "this socket or file does not know that request; check its kind with `sockets`"
        "este socket o archivo no conoce esa petición; revisa su tipo con `sockets`"
    ETXTBSY []
        "the program's file is open for writing, or is running and can't be written; close it, then try again"
        "el archivo del programa está abierto para escritura o en ejecución; ciérralo y reintenta"
    EFBIG []
        "the file would be larger than the limit; see `ulimit -f`, or write less"
        "el archivo superaría el límite de tamaño; mira `ulimit -f` o escribe menos"
    ENOSPC []
        "the disk is full; remove files, or write elsewhere"
        "el disco está lleno; borra archivos o escribe en otro lugar"
    ENOSPC [bind]
        "the disk is full, so the Unix socket's file can't be made; remove files, or choose another path"
        "el disco está lleno y no se puede crear el archivo del socket Unix; borra archivos o elige otra ruta"
    EDQUOT []
        "your disk quota is used up; remove files, or write elsewhere"
        "tu cuota de disco se agotó; borra archivos o escribe en otro lugar"
    ESPIPE []
        "a pipe, terminal or socket has no positions to jump to; use a regular file, or leave the offset out"
        "una tubería, terminal o socket no admite posiciones; usa un archivo normal u omite la posición"
    EROFS []
        "the file system is read-only; choose a path elsewhere, such as `${tmpdir}`"
        "el sistema de archivos es de solo lectura; elige otra ruta, como `${tmpdir}`"
    EMLINK []
        "the file has too many links; remove some"
        "el archivo tiene demasiados enlaces; elimina algunos"

    EPIPE []
        "no one reads at the other end any more; end your side too, or connect anew"
        "ya nadie lee en el otro extremo; termina también tu lado o conéctate de nuevo"
    EPIPE [send sendto sendmsg sendfile]
        "not connected, the peer closed the connection, or you did `shutdown write`; `connect` a new socket"
        "sin conexión, el otro extremo la cerró, o hiciste `shutdown write`; usa `connect` con un socket nuevo"
    EPIPE [recv recvfrom peek]
        "the peer closed and then reset the connection; nothing more will come, so `close`"
        "el otro extremo cerró y luego reinició la conexión; no llegará nada más: usa `close`"
    EPIPE [write]
        "the program has ended, or has closed its standard input; start it again, or write to a file"
        "el programa terminó, o cerró su entrada estándar; inícialo de nuevo o escribe en un archivo"

    EDOM []
        "the number is outside what the call accepts; choose one in range"
        "el número está fuera de lo que acepta la llamada; elige uno dentro del rango"
    EDOM [setsockopt]
        "the duration is out of the range the kernel takes; give it in whole seconds or milliseconds"
        "la duración está fuera del rango que acepta el kernel; dala en segundos o milisegundos enteros"
    ERANGE []
        "the result does not fit where it should go; ask for a larger buffer or a smaller value"
        "el resultado no cabe donde debe ir; pide un búfer más grande o un valor menor"
    EDEADLK []
        "each waits for the other, so none could go on; take locks in the same order everywhere"
        "cada uno espera al otro y ninguno puede seguir; toma los bloqueos siempre en el mismo orden"
    ENAMETOOLONG []
        "the name is too long for the file system; use a shorter path"
        "el nombre es muy largo para el sistema de archivos; usa una ruta más corta"
    ENAMETOOLONG [bind connect sendto sendmsg send]
        "a Unix socket's path has at most 107 bytes; use a shorter one, such as one in `${tmpdir}`"
        "la ruta de un socket Unix tiene a lo más 107 bytes; usa una más corta, por ejemplo en `${tmpdir}`"
    ENOLCK []
        "no more file locks are to be had; release some, then try again"
        "no quedan bloqueos de archivos; libera algunos y reintenta"
    ENOSYS []
        "this kernel lacks the call, or the sandbox hides it; try on another machine or a newer kernel"
        "este kernel no tiene la llamada o el sandbox la oculta; prueba en otra máquina o un kernel más nuevo"
    ENOTEMPTY []
        "the folder still has files in it; remove them first"
        "la carpeta aún tiene archivos; elimínalos primero"
    ELOOP []
        "too many symbolic links on the path, perhaps in a circle; check them with `ls -l`"
        "hay demasiados enlaces simbólicos en la ruta, quizás en círculo; revísalos con `ls -l`"
    ENODATA []
        "there is nothing to fetch for this request; ask again later, or not at all"
        "no hay nada que entregar para esta petición; pregunta más tarde o prescinde de ella"
    ETIME []
        "a timer of the kernel ran out; try again with more time"
        "se agotó un temporizador del kernel; reintenta con más tiempo"
    ENONET []
        "the machine is not on the network; check its interfaces and cable"
        "la máquina no está en la red; revisa sus interfaces y el cable"
    ENONET [accept]
        "the new connection failed for lack of a network before it was taken; `accept` again"
        "la conexión nueva falló por falta de red antes de ser tomada; usa `accept` de nuevo"
    ENOPKG []
        "a part of the kernel this needs is not built in; do without it, or use another kernel"
        "falta una parte del kernel que esto necesita; prescinde de ella o usa otro kernel"
    ENOLINK []
        "the link to the other machine is cut; connect again"
        "se cortó el enlace con la otra máquina; conéctate de nuevo"
    ECOMM []
        "the device failed while sending; check the interface, then try again"
        "el dispositivo falló al enviar; revisa la interfaz y reintenta"
    EPROTO []
        "the protocol was broken on the way (ICMP: parameter problem); try again, and watch it with `tcpdump`"
        "se violó el protocolo en el camino (ICMP: problema de parámetro); reintenta y obsérvalo con `tcpdump`"
    EPROTO [accept]
        "the client's connection broke before it was taken; `accept` again"
        "la conexión del cliente se rompió antes de ser tomada; usa `accept` de nuevo"
    EBADMSG []
        "what was read is damaged; fetch it again"
        "lo que se leyó está dañado; obténlo de nuevo"
    EOVERFLOW []
        "the number or size is larger than the call can hold; ask for less"
        "el número o tamaño es mayor que lo que admite la llamada; pide menos"
    EBADFD []
        "the descriptor is in no state for this call; make a new one"
        "el descriptor no está en un estado apto para esta llamada; crea uno nuevo"
    EILSEQ []
        "the bytes are no text in the encoding expected; look at them with `hexdump`"
        "los bytes no son texto en la codificación esperada; míralos con `hexdump`"
    ERESTART []
        "a signal came and the call should be made again; run it once more"
        "llegó una señal y la llamada debe repetirse; ejecútala otra vez"
    EUSERS []
        "the kernel has too many users of this resource; try again later"
        "el kernel tiene demasiados usuarios de este recurso; reintenta más tarde"

    ENOTSOCK []
        "the descriptor is a file or a pipe, not a socket; check which one you use with `sockets`"
        "el descriptor es un archivo o una tubería, no un socket; revisa cuál usas con `sockets`"
    EDESTADDRREQ []
        "no one to send to: this datagram socket has no peer; use `sendto`, or `connect` first"
        "no hay destinatario: este socket de datagramas no tiene destino; usa `sendto`, o `connect` antes"
    EMSGSIZE []
        "the datagram is too long (UDP takes 65507 bytes over IPv4); send less at once"
        "el datagrama es muy largo (UDP admite 65507 bytes sobre IPv4); envía menos de una vez"
    EMSGSIZE [send sendto sendmsg sendfile]
        "the datagram is too long: UDP takes 65507 bytes over IPv4, a Unix one the send buffer; send less at once"
        "el datagrama es muy largo: UDP admite 65507 bytes en IPv4; uno Unix, el búfer de envío; envía menos de una vez"
    EMSGSIZE [recvuntil recvline recvall recvframe]
        "the peer sends more than is allowed here; if so much is meant, allow it with `--max`"
        "el otro extremo envía más de lo permitido aquí; si es lo previsto, permítelo con `--max`"
    EMSGSIZE [recv recvfrom peek]
        "an earlier datagram was too big for the path, and a router said so; send smaller ones"
        "un datagrama anterior era muy grande para el camino y un router avisó; envía otros más pequeños"
    EPROTOTYPE []
        "the protocol does not fit the type of the socket; `stream` goes with TCP, `dgram` with UDP"
        "el protocolo no corresponde al tipo del socket; `stream` va con TCP y `dgram` con UDP"
    EPROTOTYPE [connect send sendto sendmsg]
        "the Unix socket at that path is of another type; use `stream` or `dgram` at both ends alike"
        "el socket Unix en esa ruta es de otro tipo; usa `stream` o `dgram` igual en ambos extremos"
    ENOPROTOOPT []
        "the option or protocol is not known there; check the name and the kind of socket"
        "esa opción o protocolo no se conoce ahí; revisa el nombre y el tipo de socket"
    ENOPROTOOPT [setsockopt]
        "this socket has no such option, or it can only be read; see the ones that apply with `options`"
        "este socket no tiene esa opción, o solo se puede leer; mira las que sirven con `options`"
    ENOPROTOOPT [getsockopt]
        "this socket has no such option (a TCP option on UDP?); see the ones that apply with `options`"
        "este socket no tiene esa opción (¿una de TCP en UDP?); mira las que sirven con `options`"
    ENOPROTOOPT [connect send sendto sendmsg recv recvfrom peek]
        "the other machine answered that it does not speak this protocol; check host and protocol"
        "la otra máquina respondió que no habla este protocolo; revisa el host y el protocolo"
    ENOPROTOOPT [accept]
        "the new connection failed before it was taken; `accept` again"
        "la conexión nueva falló antes de ser tomada; usa `accept` de nuevo"
    EPROTONOSUPPORT []
        "the protocol does not fit the family and type; leave it out, but name one for `raw` (as `icmp`)"
        "el protocolo no corresponde a la familia y el tipo; omítelo, salvo en `raw`, que exige uno (como `icmp`)"
    ESOCKTNOSUPPORT []
        "the family has no such type of socket; use `stream` or `dgram`"
        "la familia no tiene ese tipo de socket; usa `stream` o `dgram`"
    EOPNOTSUPP []
        "this kind of socket can't do that; check its family and type with `sockets`"
        "este tipo de socket no puede hacer eso; revisa su familia y tipo con `sockets`"
    EOPNOTSUPP [accept]
        "only stream sockets accept; a datagram socket needs no connection, so use `recvfrom`"
        "solo los sockets stream hacen accept; uno de datagramas no necesita conexión: usa `recvfrom`"
    EOPNOTSUPP [listen]
        "only stream sockets listen; a datagram socket takes `recvfrom` right after `bind`"
        "solo los sockets stream escuchan; con uno de datagramas usa `recvfrom` justo después de `bind`"
    EOPNOTSUPP [socketpair]
        "only Unix sockets come in pairs; `socketpair unix stream`, or `bind`, `listen` and `connect`"
        "solo los sockets Unix vienen en pares; `socketpair unix stream`, o usa `bind`, `listen` y `connect`"
    EOPNOTSUPP [send sendto sendmsg sendfile]
        "`--oob` is for TCP, and a stream takes no address: `connect` first, then `send`"
        "`--oob` es solo para TCP, y un stream no lleva dirección: usa `connect` antes y luego `send`"
    EOPNOTSUPP [recv recvfrom peek]
        "this kind of socket does not know the flag; `--oob` is for TCP"
        "este tipo de socket no conoce la opción; `--oob` es para TCP"
    EOPNOTSUPP [connect]
        "this kind of socket can't connect; check its family and type with `sockets`"
        "este tipo de socket no puede conectarse; revisa su familia y tipo con `sockets`"
    EOPNOTSUPP [setsockopt getsockopt]
        "this family or type has no such option (a TCP one on Unix or UDP?); see those that apply with `options`"
        "esta familia o tipo no tiene esa opción (¿una de TCP en Unix o UDP?); mira las que sirven con `options`"
    EPFNOSUPPORT []
        "this kernel does not have that protocol family; use `inet`, `inet6` or `unix`"
        "este kernel no tiene esa familia de protocolos; usa `inet`, `inet6` o `unix`"
    EAFNOSUPPORT []
        "the address is of another family than the socket; use `inet` with IPv4 and `inet6` with IPv6"
        "la dirección es de otra familia que el socket; usa `inet` con IPv4 e `inet6` con IPv6"
    EAFNOSUPPORT [socket socketpair]
        "this machine does not have that family (IPv6 may be off); use another, or skip with `require ipv6`"
        "esta máquina no tiene esa familia (quizás IPv6 está apagado); usa otra u omite con `require ipv6`"

    EADDRINUSE []
        "another socket already has this address and port; choose another, or close that one"
        "otro socket ya tiene esta dirección y puerto; elige otro o cierra ese"
    EADDRINUSE [bind]
        "another socket holds it, or TIME_WAIT does: `setsockopt reuseaddr true` before `bind`; a Unix path: remove it"
        "lo tiene otro socket, o TIME_WAIT: `setsockopt reuseaddr true` antes de `bind`; si es ruta Unix, bórrala"
    EADDRINUSE [listen]
        "another socket already listens on this port; stop it, or `bind` to another port"
        "otro socket ya escucha en este puerto; detenlo o usa `bind` con otro puerto"
    EADDRINUSE [connect]
        "the same pair of addresses and ports is in use or in TIME_WAIT; leave out `bind`, or use port 0"
        "ese mismo par de direcciones y puertos está en uso o en TIME_WAIT; omite `bind` o usa el puerto 0"
    EADDRINUSE [setsockopt]
        "this socket has joined that group already, or the address is shared; once is enough"
        "este socket ya se unió a ese grupo, o la dirección está compartida; con una vez basta"
    EADDRNOTAVAIL []
        "the address is of no interface of this machine, or no free port is left; check both"
        "la dirección no es de ninguna interfaz de esta máquina o no quedan puertos libres; revisa ambas cosas"
    EADDRNOTAVAIL [bind]
        "the address is of no interface here; use `127.0.0.1`, `*`, or one of this machine's own"
        "la dirección no es de ninguna interfaz de aquí; usa `127.0.0.1`, `*` o una propia de esta máquina"
    EADDRNOTAVAIL [connect]
        "no local address or free port for that peer (too many in TIME_WAIT, or IPv6 is off); wait or use IPv4"
        "no hay dirección o puerto local para ese destino (muchos en TIME_WAIT, o sin IPv6); espera o usa IPv4"
    EADDRNOTAVAIL [setsockopt]
        "the group was never joined here, or no interface has that address; check both addresses"
        "nunca te uniste a ese grupo, o ninguna interfaz tiene esa dirección; revisa ambas direcciones"

    ENETDOWN []
        "the interface is down; bring it up (`ip link`), or use another"
        "la interfaz está caída; actívala (`ip link`) o usa otra"
    ENETDOWN [accept]
        "the network went down before the connection was taken; check the interface, then `accept` again"
        "la red cayó antes de tomar la conexión; revisa la interfaz y usa `accept` de nuevo"
    ENETUNREACH []
        "no route leads to that network; check the address, the connection and `ip route` (IPv6 may be missing)"
        "ninguna ruta lleva a esa red; revisa la dirección, la conexión e `ip route` (quizás falta IPv6)"
    ENETUNREACH [accept]
        "the client's network could not be reached before the connection was taken; `accept` again"
        "no se pudo alcanzar la red del cliente antes de tomar la conexión; usa `accept` de nuevo"
    ENETUNREACH [recv recvfrom peek]
        "a router answered something sent earlier: no route to that network; check the address and the route"
        "un router respondió a un envío anterior: no hay ruta a esa red; revisa la dirección y la ruta"
    ENETRESET []
        "the network dropped the connection; connect again"
        "la red cortó la conexión; conéctate de nuevo"
    ECONNABORTED []
        "the connection was given up on this machine; make a new socket and `connect` again"
        "la conexión se abandonó en esta máquina; crea un socket nuevo y usa `connect` otra vez"
    ECONNABORTED [accept]
        "the client went away before it was accepted; `accept` again for the next one"
        "el cliente se fue antes de ser aceptado; usa `accept` de nuevo para el siguiente"
    ECONNABORTED [connect]
        "the attempt before this one has failed; `close` and `connect` a new socket"
        "el intento anterior falló; usa `close` y luego `connect` con un socket nuevo"

    ECONNRESET []
        "the peer broke the connection off with a RST; see why it did, then `connect` a new socket"
        "el otro extremo cortó la conexión con un RST; averigua por qué y usa `connect` con un socket nuevo"
    ECONNRESET [recv recvfrom peek]
        "the peer broke off: it crashed, used `close --reset`, or closed with bytes unread; see what it did last"
        "el otro extremo cortó: se cayó, usó `close --reset` o cerró con bytes sin leer; mira qué hizo al final"
    ECONNRESET [send sendto sendmsg sendfile]
        "the peer has dropped this connection (a RST came); see why it did, then `connect` a new socket"
        "el otro extremo descartó esta conexión (llegó un RST); averigua por qué y usa `connect` con un socket nuevo"
    ECONNRESET [connect]
        "the peer, or a proxy or firewall before it, broke off the connection as it began; check the port"
        "el otro extremo, o un proxy o firewall, cortó la conexión al comenzar; revisa el puerto"
    EISCONN []
        "the socket is connected already; use it as it is, or make a new one"
        "el socket ya está conectado; úsalo así o crea uno nuevo"
    EISCONN [connect]
        "already connected, or listening; make a new `socket` for each connection"
        "ya está conectado o escuchando; crea un `socket` nuevo para cada conexión"
    EISCONN [sendto sendmsg]
        "the socket is connected, so it takes no other address; use `send`"
        "el socket está conectado y no admite otra dirección; usa `send`"
    ENOTCONN []
        "the socket is not connected; `connect` first, or use what `accept` returned"
        "el socket no está conectado; usa `connect` antes, o el socket que devolvió `accept`"
    ENOTCONN [recv recvfrom peek]
        "a listener or not connected; `recv` on the new socket that `accept` returned, or `connect` first"
        "es un socket que escucha o sin conectar; usa `recv` en el que devolvió `accept`, o `connect` antes"
    ENOTCONN [send sendto sendmsg sendfile]
        "not connected, or a listener; `connect` first, or `send` on the new socket that `accept` returned"
        "está sin conectar o es el que escucha; usa `connect` antes, o `send` en el que devolvió `accept`"
    ENOTCONN [shutdown]
        "there is no connection to shut down: never made, or the peer ended it already; just `close`"
        "no hay conexión que cerrar: nunca se hizo o el otro extremo ya la terminó; basta con `close`"
    ENOTCONN [getpeername]
        "there is no peer: not connected yet, a listener, or the connection is over; ask while it is connected"
        "no hay otro extremo: aún sin conectar, socket que escucha o conexión terminada; pregunta mientras dure"
    ENOTCONN [setsockopt getsockopt]
        "this option exists only while connected; `connect` first"
        "esta opción existe solo con conexión; usa `connect` antes"
    ESHUTDOWN []
        "this side has already been shut down; make a new socket"
        "este lado ya se cerró con `shutdown`; crea un socket nuevo"
    ETOOMANYREFS []
        "too many descriptors are on their way through Unix sockets; let the receiver take some"
        "hay demasiados descriptores en tránsito por sockets Unix; deja que el receptor tome algunos"

    ETIMEDOUT []
        "the time limit ran out first; give it more with `--timeout`, or see what it waits for with `sockets`"
        "se acabó antes el límite de tiempo; dale más con `--timeout` o mira qué espera con `sockets`"
    ETIMEDOUT [connect]
        "no answer in time: the host is down, or a firewall drops the packets; check the address, or wait longer"
        "nadie respondió a tiempo: el host está caído o un firewall descarta los paquetes; revisa la dirección"
    ETIMEDOUT [accept]
        "no client came in time; start one, or check that it connects to this address and port"
        "ningún cliente llegó a tiempo; inicia uno o revisa que se conecte a esta dirección y puerto"
    ETIMEDOUT [recv recvfrom peek]
        "nothing, or too little, came in time; check that the peer sends, and is not itself waiting for you"
        "no llegó nada, o no lo suficiente, a tiempo; revisa que el otro extremo envíe y no te esté esperando"
    ETIMEDOUT [send sendto sendmsg sendfile]
        "the peer does not read, so the buffers are full, or it no longer acknowledges; let it `recv`"
        "el otro extremo no lee y los búferes están llenos, o ya no confirma; haz que use `recv`"
    ETIMEDOUT [poll]
        "no socket became ready in time; check that the peer sends or connects, or wait longer"
        "ningún socket estuvo listo a tiempo; revisa que el otro extremo envíe o se conecte, o espera más"
    ETIMEDOUT [getaddrinfo getnameinfo]
        "the name server did not answer in time; check the network, or use the numeric address"
        "el servidor de nombres no respondió a tiempo; revisa la red o usa la dirección numérica"
    ETIMEDOUT [waitid]
        "the program was still running when the time was up; `kill` it, or wait longer with `--timeout`"
        "el programa seguía en ejecución al acabarse el tiempo; usa `kill` o espera más con `--timeout`"
    ETIMEDOUT [wait]
        "the thread or program had not finished in time; see what it waits for with `sockets`"
        "el hilo o programa no terminó a tiempo; mira qué espera con `sockets`"

    ECONNREFUSED []
        "no one listens at that address; start the server first, or check the port or path"
        "nadie escucha en esa dirección; inicia el servidor primero, o revisa el puerto o la ruta"
    ECONNREFUSED [connect]
        "nothing listens on that address and port, or on that Unix path; start the server first, or check it"
        "nadie escucha en esa dirección y puerto, o en esa ruta Unix; inicia el servidor primero o revísala"
    ECONNREFUSED [send sendto sendmsg sendfile]
        "no one is there: an earlier datagram met a port with no socket, or the Unix receiver closed; start it first"
        "no hay nadie: un datagrama anterior dio con un puerto sin socket, o el receptor Unix cerró; inícialo primero"
    ECONNREFUSED [recv recvfrom peek]
        "a datagram sent earlier was answered by ICMP port unreachable: nothing is bound there; start the receiver"
        "a un datagrama anterior respondieron ICMP port unreachable: nadie tiene ese puerto; inicia el receptor"
    EHOSTDOWN []
        "the other machine does not answer; check that it is on and on this network"
        "la otra máquina no responde; revisa que esté encendida y en esta red"
    EHOSTDOWN [accept]
        "the client's machine went down before the connection was taken; `accept` again"
        "la máquina del cliente cayó antes de tomar la conexión; usa `accept` de nuevo"
    EHOSTUNREACH []
        "no way to that host: it is off, not on this network, or a firewall says no; check the address"
        "no hay camino a ese host: está apagado, fuera de esta red o lo impide un firewall; revisa la dirección"
    EHOSTUNREACH [accept]
        "the client could not be reached before the connection was taken; `accept` again"
        "no se pudo alcanzar al cliente antes de tomar la conexión; usa `accept` de nuevo"
    EHOSTUNREACH [recv recvfrom peek]
        "a router answered something sent earlier: the host can't be reached; check its address"
        "un router respondió a un envío anterior: no se puede llegar al host; revisa su dirección"
    EALREADY []
        "the same request is still under way; wait for it to finish"
        "esa misma petición sigue en curso; espera a que termine"
    EALREADY [connect]
        "the earlier `connect` of this non-blocking socket is still under way; `poll --write` until it is done"
        "el `connect` anterior de este socket no bloqueante sigue en curso; usa `poll --write` hasta que termine"
    EINPROGRESS []
        "it has begun and is not done, because the socket is non-blocking; `poll` until it is ready"
        "comenzó y no ha terminado, porque el socket es no bloqueante; usa `poll` hasta que esté listo"
    EINPROGRESS [connect]
        "the connection has begun, and the socket is non-blocking; `poll --write`, then `getsockopt error` (0: done)"
        "la conexión comenzó y el socket es no bloqueante; usa `poll --write` y luego `getsockopt error` (0: lista)"
    EINPROGRESS [send sendto sendmsg]
        "fast open has begun the connection, and the socket is non-blocking; `poll --write`, then send the rest"
        "fast open comenzó la conexión y el socket es no bloqueante; usa `poll --write` y envía el resto"
    ESTALE []
        "the file on the network drive is gone or was replaced; open it again"
        "el archivo en la unidad de red ya no está o fue reemplazado; ábrelo de nuevo"
    EUCLEAN []
        "the file system is damaged; check it with `fsck`"
        "el sistema de archivos está dañado; revísalo con `fsck`"
    EREMOTEIO []
        "the device at the far end failed; check it, then try again"
        "falló el dispositivo remoto; revísalo y reintenta"
    ENOMEDIUM []
        "the drive is empty; insert a disk, or choose another path"
        "la unidad está vacía; inserta un disco o elige otra ruta"
    ECANCELED []
        "the operation was called off before it was done, as when its socket is closed; run it again if needed"
        "la operación se canceló antes de terminar, como al cerrar su socket; ejecútala otra vez si hace falta"
    ENOKEY []
        "a key this needs is missing; add it, or do without encryption"
        "falta una clave que esto necesita; agrégala o prescinde del cifrado"
    ERFKILL []
        "the radio is switched off; turn it on with `rfkill unblock`"
        "la radio está apagada; enciéndela con `rfkill unblock`"
};

const LOOKUP_WHYS: &[Why] = whys! { Lookup eai:
    EAI_BADFLAGS []
        "the options contradict each other or are not known; leave them out"
        "las opciones se contradicen o no se conocen; omítelas"
    EAI_NONAME []
        "no host or service has that name; check the spelling, and give an address where one is needed"
        "ningún host o servicio tiene ese nombre; revisa cómo está escrito, y da una dirección donde haga falta"
    EAI_NONAME [getnameinfo]
        "no name is registered for that address; use the address itself"
        "no hay un nombre registrado para esa dirección; usa la dirección misma"
    EAI_AGAIN []
        "no name server answered; check that the network is up, then try again, or use the numeric address"
        "ningún servidor de nombres respondió; revisa la red y reintenta, o usa la dirección numérica"
    EAI_FAIL []
        "the name server gave a final error; check the name and the settings in /etc/resolv.conf"
        "el servidor de nombres dio un error definitivo; revisa el nombre y la configuración en /etc/resolv.conf"
    EAI_NODATA []
        "the name exists but has no address; check it, or try the other family (IPv4 or IPv6)"
        "el nombre existe pero no tiene dirección; revísalo o prueba la otra familia (IPv4 o IPv6)"
    EAI_FAMILY []
        "the look-up does not know that family; use `inet` or `inet6`"
        "la búsqueda no conoce esa familia; usa `inet` o `inet6`"
    EAI_SOCKTYPE []
        "the type does not exist or does not fit the protocol; use `stream` or `dgram`"
        "el tipo no existe o no corresponde al protocolo; usa `stream` o `dgram`"
    EAI_SERVICE []
        "no port goes by that name for this type; give the port's number, or see /etc/services"
        "ningún puerto tiene ese nombre para este tipo; da el número del puerto o mira /etc/services"
    EAI_ADDRFAMILY []
        "the host has no address of the socket's family; use `inet` with IPv4 and `inet6` with IPv6"
        "el host no tiene una dirección de la familia del socket; usa `inet` con IPv4 e `inet6` con IPv6"
    EAI_MEMORY []
        "memory ran out during the look-up; close what is not needed, then try again"
        "se acabó la memoria durante la búsqueda; cierra lo que no uses y reintenta"
    EAI_SYSTEM []
        "the system failed during the look-up, perhaps for too many open files; check `ulimit -n` and try again"
        "el sistema falló durante la búsqueda, quizás por demasiados archivos abiertos; revisa `ulimit -n` y reintenta"
    EAI_OVERFLOW []
        "the name is longer than the space for it; ask for the numeric address only"
        "el nombre es más largo que el espacio para él; pide solo la dirección numérica"
    EAI_INPROGRESS []
        "the look-up is still under way; wait for it"
        "la búsqueda sigue en curso; espérala"
    EAI_CANCELED []
        "the look-up was called off; run it again if needed"
        "la búsqueda se canceló; ejecútala otra vez si hace falta"
    EAI_NOTCANCELED []
        "the look-up was too far along to be called off; wait for it"
        "la búsqueda estaba muy avanzada para cancelarla; espérala"
    EAI_ALLDONE []
        "every look-up had finished already; there is nothing to wait for"
        "todas las búsquedas ya habían terminado; no hay nada que esperar"
    EAI_INTR []
        "a signal, often Ctrl-C, ended the look-up; run it again"
        "una señal, a menudo Ctrl-C, cortó la búsqueda; ejecútala otra vez"
    EAI_IDN_ENCODE []
        "the name has letters that no host name can have; check it"
        "el nombre tiene letras que un nombre de host no admite; revísalo"
};

const CLASS_WHYS: &[Why] = whys! { Class Class:
    EOFError []
        "the peer ended the stream before all bytes came; what had come is in the error's `.data`"
        "el otro extremo terminó el flujo antes de que llegaran todos los bytes; lo que llegó está en `.data` del error"
    TimeoutError []
        "the time limit ran out first; give it more with `--timeout`, or see what it waits for with `sockets`"
        "se acabó antes el límite de tiempo; dale más con `--timeout` o mira qué espera con `sockets`"
    UnicodeDecodeError []
        "the bytes are not UTF-8 text, or were cut inside a letter; look at them with `hexdump`, or take `.hex`"
        "los bytes no son texto UTF-8 o se cortaron en medio de una letra; míralos con `hexdump` o usa `.hex`"
    UnicodeEncodeError []
        "the encoding has no such letter; take one that has, as `utf-8` has all"
        "la codificación no tiene esa letra; usa una que la tenga, como `utf-8`, que las tiene todas"
    JSONDecodeError []
        "the bytes are no JSON text, or only a part of one; look at them, and at how much was received"
        "los bytes no son un texto JSON, o son solo una parte de uno; míralos, y cuánto se recibió"
    UnicodeError []
        "the text can't be turned into that encoding; check its letters"
        "el texto no se puede pasar a esa codificación; revisa sus letras"
    ValueError []
        "the value has the right kind but not a form that is accepted here; print it to see what it is"
        "el valor es del tipo correcto, pero su forma no se acepta aquí; imprímelo para ver qué es"
    OverflowError []
        "the number does not fit its size (integers have 64 bits); use a smaller one or a wider type"
        "el número no cabe en su tamaño (los enteros son de 64 bits); usa uno menor o un tipo más ancho"
    ZeroDivisionError []
        "the divisor is 0; test it with `if` before dividing"
        "el divisor es 0; compruébalo con `if` antes de dividir"
    ArithmeticError []
        "the calculation has no result; check its numbers"
        "el cálculo no tiene resultado; revisa sus números"
    NameError []
        "nothing has that name at this point; assign it first, or check the spelling"
        "nada tiene ese nombre en este punto; asígnalo antes o revisa cómo está escrito"
    TypeError []
        "the value is of another kind than the one needed here (bytes, integer, address, socket, list)"
        "el valor es de otro tipo que el que se necesita aquí (bytes, entero, dirección, socket, lista)"
    IndexError []
        "the list or data has fewer elements than that; they count from 0, so see `.len`"
        "la lista o los datos tienen menos elementos; se cuentan desde 0: mira `.len`"
    KeyError []
        "there is nothing under that key; see the keys by printing the map"
        "no hay nada bajo esa clave; imprime el mapa para ver sus claves"
    LookupError []
        "what was asked for is not in there; see what is by printing it"
        "lo que se pidió no está ahí; imprímelo para ver qué contiene"
    AttributeError []
        "values of this kind have no such property; check its name, or the kind with `vars`"
        "los valores de este tipo no tienen esa propiedad; revisa su nombre, o el tipo con `vars`"
    RuntimeError []
        "the command can't run in this state; see what came before it"
        "el comando no puede ejecutarse en este estado; revisa qué pasó antes"
    RecursionError []
        "a `def` calls itself, or a file sources itself, too many times; give it a way to end"
        "un `def` se llama a sí mismo, o un archivo se incluye a sí mismo, demasiadas veces; dale una salida"
    MemoryError []
        "the data is larger than the memory allowed; take it in pieces, or `recv --to` a file"
        "los datos exceden la memoria permitida; tómalos por partes o usa `recv --to` hacia un archivo"
    PolicyError []
        "the rules of this run do not allow the call; see `--allow-net`, `--allow-read`, `--allow-write` and `--sandbox`"
        "las reglas de esta ejecución no permiten la llamada; mira `--allow-net`, `--allow-read`, `--allow-write` y `--sandbox`"
};

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    /// The names a caller may pass to `why`.
    const CALLS: &[&str] = &[
        "socket",
        "recvuntil",
        "recvline",
        "recvall",
        "recvframe",
        "socketpair",
        "bind",
        "listen",
        "accept",
        "connect",
        "send",
        "sendto",
        "sendmsg",
        "sendfile",
        "recv",
        "recvfrom",
        "peek",
        "shutdown",
        "close",
        "dup",
        "getsockname",
        "getpeername",
        "setsockopt",
        "getsockopt",
        "poll",
        "getaddrinfo",
        "getnameinfo",
        "open",
        "read",
        "write",
        "if_nametoindex",
        "kill",
        "waitid",
        "wait",
        "execve",
        "pthread_create",
        "nanosleep",
    ];

    #[test]
    fn no_name_and_no_number_stands_twice() {
        let mut names = HashSet::new();
        for name in Caught::names() {
            assert!(names.insert(name), "{name}");
        }
        for table in [ERRNOS, LOOKUPS] {
            let numbers: HashSet<i32> = table.iter().map(|row| row.number).collect();
            assert_eq!(numbers.len(), table.len());
        }
    }

    #[test]
    fn names_and_numbers_are_each_others_inverse() {
        for Row { number, name, .. } in ERRNOS {
            assert_eq!((errno_named(name), errno_name(*number)), (Some(*number), Some(*name)));
            assert_eq!(Caught::from_name(name), Some(Caught::Code(Code::Errno(*number))));
            assert_eq!(
                (Code::Errno(*number).name(), Code::Errno(*number).number()),
                (name.to_string(), Some(*number))
            );
        }
        for Row { number, name, .. } in LOOKUPS {
            assert_eq!(Caught::from_name(name), Some(Caught::Code(Code::Lookup(*number))));
            assert_eq!(Code::Lookup(*number).name(), *name);
        }
        for class in Class::ALL {
            assert_eq!(Caught::from_name(class.name()), Some(Caught::Class(*class)));
        }
        assert_eq!(
            (errno_named("EWOULDBLOCK"), errno_named("ENOTSUP")),
            (Some(libc::EAGAIN), Some(libc::EOPNOTSUPP))
        );
        assert_eq!((errno_name(9999), errno_named("econnrefused")), (None, None));
        assert_eq!(Code::Errno(9999).name(), "errno 9999");
    }

    #[test]
    fn every_name_offered_is_taken() {
        assert!(Caught::names().all(|name| Caught::from_name(name).is_some()));
        assert_eq!(Caught::from_name("oserror"), None);
    }

    #[test]
    fn the_classes_are_pythons_tree() {
        for (class, chain) in [
            (Class::ConnectionRefusedError, "ConnectionRefusedError ConnectionError OSError Exception"),
            (Class::BrokenPipeError, "BrokenPipeError ConnectionError OSError Exception"),
            (Class::TimeoutError, "TimeoutError OSError Exception"),
            (Class::GaiError, "gaierror OSError Exception"),
            (Class::EOFError, "EOFError Exception"),
            (Class::UnicodeDecodeError, "UnicodeDecodeError UnicodeError ValueError Exception"),
            (Class::ZeroDivisionError, "ZeroDivisionError ArithmeticError Exception"),
            (Class::IndexError, "IndexError LookupError Exception"),
            (Class::RecursionError, "RecursionError RuntimeError Exception"),
        ] {
            let found: Vec<_> = std::iter::successors(Some(class), |c| c.parent()).map(Class::name).collect();
            assert_eq!(found.join(" "), chain);
        }
        assert!(Class::ALL.iter().all(|class| class.is(Class::Exception)));
        assert!(!Class::OSError.is(Class::ConnectionError));
    }

    #[test]
    fn a_class_catches_its_subclasses_and_a_code_only_itself() {
        for (name, code, caught) in [
            ("ECONNREFUSED", Code::Errno(libc::ECONNREFUSED), true),
            ("ConnectionError", Code::Errno(libc::ECONNREFUSED), true),
            ("OSError", Code::Lookup(eai::EAI_NONAME), true),
            ("socket.timeout", Code::Errno(libc::ETIMEDOUT), true),
            ("ValueError", Code::Class(Class::UnicodeDecodeError), true),
            ("ECONNRESET", Code::Errno(libc::ECONNREFUSED), false),
            ("TimeoutError", Code::Errno(libc::EAGAIN), false),
            ("OSError", Code::Class(Class::EOFError), false),
        ] {
            assert_eq!(Caught::from_name(name).unwrap().catches(code), caught, "{name} {code:?}");
        }
    }

    #[test]
    fn only_the_names_of_a_timeout_ask_for_one() {
        let asking: Vec<_> =
            Caught::names().filter(|name| Caught::from_name(name).unwrap().is_timeout()).collect();
        assert_eq!(asking, ["ETIMEDOUT", "TimeoutError", "socket.timeout", "timeout"]);
    }

    #[test]
    fn the_words_are_the_systems() {
        let words = |code: Code| code.words().english();
        assert_eq!(words(Code::Errno(libc::ECONNREFUSED)), "Connection refused");
        assert_eq!(words(Code::Errno(9999)), "Unknown error 9999");
        assert_eq!(words(Code::Class(Class::EOFError)), "");
        // What std says is the C library's text, with the number behind it.
        #[cfg(target_env = "gnu")]
        for Row { number, words, .. } in ERRNOS {
            let system = std::io::Error::from_raw_os_error(*number).to_string();
            assert_eq!(system, format!("{} (os error {number})", words.en));
        }
    }

    #[test]
    fn the_row_of_the_call_wins() {
        let why = |call| Code::Errno(libc::EINVAL).why(call).unwrap().en;
        assert!(why("accept").starts_with("this socket is not listening"));
        assert_eq!(why("accept4"), why("accept"));
        assert_eq!(why("dup"), why("no such call"));
        let spanish = Code::Errno(libc::ECONNREFUSED).why("connect").unwrap().es;
        assert!(spanish.contains("inicia el servidor primero"));
        assert_eq!(Code::Errno(9999).why("connect"), None);
    }

    #[test]
    fn every_why_is_of_a_known_code_and_call() {
        let mut seen = HashSet::new();
        for Why { code, calls, .. } in whys() {
            let known = match code {
                Code::Errno(number) => errno_name(*number).is_some(),
                Code::Lookup(number) => lookup_name(*number).is_some(),
                Code::Class(class) => Class::ALL.contains(class),
            };
            assert!(known, "{code:?}");
            for call in *calls {
                assert!(CALLS.contains(call), "{call}");
            }
            // A second row for the same call would never be read.
            for call in calls.iter().chain(calls.is_empty().then_some(&"")) {
                assert!(seen.insert((code.name(), *call)), "{} {call}", code.name());
            }
        }
        assert!(LOOKUPS.iter().all(|row| Code::Lookup(row.number).why("getaddrinfo").is_some()));
    }

    #[test]
    fn every_why_is_one_plain_line() {
        for Why { code, calls, text: Phrase { en, es } } in whys() {
            for text in [en, es] {
                let place = format!("{} {calls:?}: {text}", code.name());
                assert!(text.starts_with(|first: char| first.is_lowercase() || first == '`'), "{place}");
                assert!(
                    !text.ends_with('.') && !text.contains(['\n', '\r']) && text.trim() == *text,
                    "{place}"
                );
                assert!(text.chars().count() <= 140, "{place}");
                assert!(text.matches('`').count() % 2 == 0, "{place}");
            }
            assert_ne!(en, es);
        }
    }
}
