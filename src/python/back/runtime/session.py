def print(*values, end="\n", flush=False):
    """As Python's, but that a line comes whole, whatever other threads print."""
    sys.stdout.write(" ".join(map(str, values)) + end)
    if flush:
        sys.stdout.flush()


def read_file(path):
    """The bytes of a file."""
    with open(path, "rb") as file:
        return file.read()


def write_file(path, data, append=False):
    """Writes a file: what it held is replaced, or stays before the data."""
    with open(path, "ab" if append else "wb") as file:
        file.write(data)


class Failed(BaseException):
    """The script has failed: no `except` takes it."""


end_checks = []


def at_end(check):
    """A decorator: the function looks, whichever way the script ends, whether something beside it has failed."""
    end_checks.append(check)
    return check


def leave(code=0, skipped=False):
    """Ends the script here, but for its `finally` blocks; what has failed beside it fails it still."""
    for check in end_checks:
        check(code, skipped)
    sys.exit(code)


def finish():
    """The last line of the script."""
    for check in end_checks:
        check(None, False)


def expect(holds, otherwise=""):
    """Ends the script as failed, unless this holds."""
    if not holds:
        raise Failed(otherwise)


def within(seconds, look):
    """Looks again until it holds, for so long."""
    end = time.monotonic() + seconds
    while not look():
        if time.monotonic() > end:
            return False
        time.sleep(0.001)
    return True


class fails:
    """The block must fail with an error of one of these names; without names with a failed call, but no time-out."""

    def __init__(self, *names):
        self.names = names

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error is None:
            raise Failed("it did not fail")
        if not isinstance(error, Exception):
            return False
        self.error = error
        if self.names:
            wanted = any(is_error(error, name) for name in self.names)
            return wanted and (not isinstance(error, TimeoutError)
                               or any(n in ("TimeoutError", "ETIMEDOUT") for n in self.names))
        return isinstance(error, (OSError, EOFError)) and not isinstance(error, TimeoutError)


def error_named(name, text):
    """An error of this POSIX name or class."""
    if hasattr(errno, name):
        return OSError(getattr(errno, name), text)
    kind = getattr(builtins, name, None) or getattr(socket, name, None)
    if name == "JSONDecodeError":
        return json.JSONDecodeError(text, "", 0)
    if name == "UnicodeDecodeError":
        return UnicodeDecodeError("utf-8", b"", 0, 0, text)
    if name == "UnicodeEncodeError":
        return UnicodeEncodeError("utf-8", "", 0, 0, text)
    return kind(text) if kind else type(name, (Exception,), {})(text)


class Skipped(SystemExit):
    """A subtest is skipped."""


open_subtests = []


def skip(reason):
    """Ends the script as skipped, or the subtest that it stands in."""
    sys.stderr.write(reason + "\n")
    if open_subtests:
        raise Skipped
    leave(skipped=True)


def require(holds, reason):
    """Ends the script as skipped, unless this holds."""
    if not holds:
        skip(reason)


class subtest:
    """A test of its own: when it has failed, the script goes on behind it, and fails in the end."""

    failed = []

    def __init__(self, text):
        self.text = text

    def __enter__(self):
        open_subtests.append(self)
        return self

    def __exit__(self, kind, error, trace):
        open_subtests.remove(self)
        if isinstance(error, Skipped):
            return True
        if error is None:
            return False
        subtest.failed.append(self.text)
        if isinstance(error, (Exception, Failed)):
            traceback.print_exception(kind, error, trace)
            return True
        if isinstance(error, SystemExit) and not error.code:
            raise Failed(f"the script ended in {self.text}")


@at_end
def check_subtests(code, skipped):
    """A script fails where one of its subtests has."""
    if not code and subtest.failed:
        raise Failed(", ".join(subtest.failed))


here = os.path.dirname(os.path.abspath(globals().get("__file__", "."))).encode()


class Work(threading.Thread):
    """A thread that keeps what its function returned or the error it ended with."""

    def __init__(self, name, call, daemon, waited):
        # The program does not wait for its threads where it has failed or is left.
        super().__init__(name=name, daemon=True)
        self.call, self.alone, self.waited = call, daemon, waited
        self.value, self.error, self.taken = None, None, False
        self.sockets = stack.sockets
        # Those of one name are waited for together, until they have been.
        group = group_of(name)
        self.group = group if any(not work.taken for work in group) else []
        self.group.append(self)
        works.append(self)
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGUSR1, end_by_error)
        self.start()

    def run(self):
        stack.sockets = self.sockets
        try:
            self.value = self.call()
        except BaseException as error:
            self.error = error
            # Again, for a signal that comes just before a call does not interrupt it.
            while not self.waited and not self.taken and threading.main_thread().is_alive():
                signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1)
                time.sleep(0.02)


works = []


def group_of(name):
    """The latest threads of this name."""
    return next((work.group for work in reversed(works) if work.name == name), [])


class ThreadFailed(BaseException):
    """A thread has failed that no line waits for."""

    came = False


def end_by_error(number, frame):
    """In the script itself, when a thread has failed that no line waits for: the first such error ends the script."""
    failed = [work for work in works if work.error is not None and not work.waited and not work.taken]
    for work in failed:
        work.taken = True
    if failed and not ThreadFailed.came:
        ThreadFailed.came = True
        if isinstance(failed[0].error, SystemExit):
            raise failed[0].error
        raise ThreadFailed(failed[0].name) from failed[0].error


def background(name, call, waited=True):
    """Makes a call in a thread; `wait` gives its result. The error of one that no line waits for ends the script."""
    Work(name, call, False, waited)


def spawn(name, daemon=False, waited=True):
    """A decorator: the function begins at once, in a thread of this name."""
    return lambda call: Work(name, call, daemon, waited)


def join_threads(name=None, timeout=None):
    """Waits until the threads of a name have ended, or all, and gives them."""
    # A value can be taken again, an error comes out once.
    waited = ([work for work in works if not work.taken and not work.alone] if name is None
              else [work for work in group_of(name) if not work.taken or work.error is None])
    end = None if timeout is None else time.monotonic() + timeout
    for work in waited:
        work.join(None if end is None else max(0, end - time.monotonic()))
        if work.is_alive():
            raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
    return waited


def wait(name=None, timeout=None):
    """Waits for the threads of a name, or all; gives what they returned, and raises the first error."""
    waited = join_threads(name, timeout)
    for work in waited:
        work.taken = True
    errors = [work.error for work in waited if work.error is not None]
    if errors:
        raise errors[0]
    values = [work.value for work in waited]
    return values[0] if len(values) == 1 else values


@at_end
def check_threads(code, skipped):
    """At its last line a script waits for its threads; the error of one that nothing waited for fails it."""
    if code is None:
        wait()
    for work in works:
        if work.error is not None and not work.taken:
            work.taken = True
            raise work.error


barriers = {}
sharing = threading.RLock()


def barrier(name, size, timeout=None):
    """Waits until so many threads are here."""
    with sharing:
        place = barriers.setdefault(name, threading.Barrier(size))
    try:
        place.wait(timeout)
    except threading.BrokenBarrierError:
        raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT)) from None


programs = []


@at_end
def check_programs(code, skipped):
    """A script fails where a program of it has died on its own; those that still run are asked to end."""
    if code or skipped:
        return
    for program in programs:
        if not program.waited and program.status:
            raise Failed(f"{program.name} has ended with {program.status}")
    asked = [program for program in programs if code is None and program.status is None]
    for program in asked:
        program.send_signal(signal.SIGTERM)
    end = time.monotonic() + 2
    for program in asked:
        while program.status is None and time.monotonic() < end:
            time.sleep(0.001)
        if not program.waited and program.status not in (None, 0, 143):
            raise Failed(f"{program.name} has ended with {program.status}")


def signal_number(value):
    """The number of a signal by its name or its number."""
    found = number(value)
    return getattr(signal, "SIG" + shown(value).upper().removeprefix("SIG")) if found is None else found


def exit_status(child):
    """The status of a program that has ended, 128 and more where a signal ended it; None while it runs."""
    status = child.poll()
    return 128 - status if status is not None and status < 0 else status


class Process:
    """A program that runs beside the script; its output is kept."""

    def __init__(self, name, command, listen=(), stdio=None, folder=None, environment=(), may_fail=False):
        fds = [sock.fileno() for sock in listen]

        def hand_over():
            copies = [fcntl.fcntl(fd, fcntl.F_DUPFD, 100) for fd in fds]
            for at, fd in enumerate(copies):
                os.dup2(fd, 3 + at)

        made = dict(os.environ, **dict(environment))
        if fds:
            made.update(LISTEN_FDS=str(len(fds)))
        ends = stdio.fileno() if stdio is not None else None
        self.name, self.outputs = name, {1: b"", 2: b""}
        self.waited = may_fail
        programs.append(self)
        self.child = subprocess.Popen(
            command, cwd=folder, env=made, preexec_fn=hand_over if fds else None, close_fds=not fds,
            start_new_session=True,
            stdin=ends if ends is not None else subprocess.PIPE,
            stdout=ends if ends is not None else subprocess.PIPE, stderr=subprocess.PIPE)
        self.readers = [threading.Thread(target=self.keep, args=(number, pipe), daemon=True)
                        for number, pipe in ((1, self.child.stdout), (2, self.child.stderr)) if pipe]
        for reader in self.readers:
            reader.start()
        self.seen = {}
        atexit.register(self.end)

    def keep(self, number, pipe):
        while piece := os.read(pipe.fileno(), 65536):
            self.outputs[number] += piece

    def end(self):
        if self.child.poll() is None:
            self.send_signal(signal.SIGKILL)
            self.child.wait()

    def send_signal(self, number):
        os.killpg(self.child.pid, number)

    def wait(self, timeout=None):
        try:
            self.child.wait(timeout)
        except subprocess.TimeoutExpired:
            raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT)) from None
        for reader in self.readers:
            reader.join()
        self.waited = True
        return self.status

    def waitfor(self, regex, stderr=False, timeout=10):
        number, end = (2 if stderr else 1), time.monotonic() + timeout
        while not (found := pattern(regex).search(self.outputs[number], self.seen.get((number, regex), 0))):
            if self.child.poll() is not None and not any(r.is_alive() for r in self.readers):
                raise EOFError(f"{self.name} has ended")
            if time.monotonic() > end:
                raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
            time.sleep(0.002)
        self.seen[number, regex] = found.end()
        return list(found.groups()) or [found[0]]

    def kill(self, number=15):
        if self.child.poll() is not None:
            raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH))
        # What ends no program does not excuse its end.
        if number not in (0, signal.SIGCHLD, signal.SIGCONT, signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN,
                          signal.SIGTTOU, signal.SIGURG, signal.SIGWINCH):
            self.waited = True
        self.send_signal(number)

    def write(self, data):
        self.child.stdin.write(data)
        self.child.stdin.flush()

    def closein(self):
        self.child.stdin.close()

    pid = property(lambda self: self.child.pid)
    status = property(lambda self: exit_status(self.child))
    stdout = property(lambda self: self.outputs[1])
    stderr = property(lambda self: self.outputs[2])


def waitport(address, timeout=10):
    """Waits until a server listens there: its port stands in the kernel's table."""
    end = time.monotonic() + timeout
    wanted = f":{address[1]:04X}"
    while True:
        for path in ("/proc/net/tcp", "/proc/net/tcp6"):
            with open(path) as file:
                if any(row.split()[1].endswith(wanted) and row.split()[3] == "0A" for row in file.readlines()[1:]):
                    return
        if time.monotonic() > end:
            raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
        time.sleep(0.005)


class Folder:
    """The script's own temporary folder, made when first used."""

    path = None

    def __str__(self):
        if Folder.path is None:
            Folder.path = tempfile.mkdtemp(prefix="sock")
            atexit.register(shutil.rmtree, Folder.path, True)
        return Folder.path


tmpdir = Folder()


class Untranslated(BaseException):
    """A line that Python has no words for was reached: no `except` takes it."""


def cannot(reason):
    """What Python has no words for."""
    raise Untranslated(reason)
