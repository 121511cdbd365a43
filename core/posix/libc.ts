/** The one place that calls libc. Everything else in `posix/` gives these calls their meaning. */
import { getSystemErrorMessage, getSystemErrorName } from 'node:util'
import koffi, { type TypeObject } from 'koffi'
import { KernelError } from '../errors.ts'

const libc = koffi.load(null)

/** A call the platform's libc may lack: `null` there. */
const maybe = <F>(prototype: string): F | null => {
  try {
    return libc.func(prototype) as unknown as F
  } catch {
    return null
  }
}
const call = <F>(prototype: string): F => libc.func(prototype) as unknown as F

type Out = [number]
type Strings = readonly (string | null)[]

export const posixSpawn = call<
  (pid: Out, path: string, actions: Buffer, attributes: Buffer, argv: Strings, envp: Strings) => number
>(
  'int posix_spawn(_Out_ int *pid, const char *path, void *actions, void *attributes, const char **argv, const char **envp)',
)
export const spawnActionsInit = call<(actions: Buffer) => number>('int posix_spawn_file_actions_init(void *actions)')
export const spawnActionsDestroy = call<(actions: Buffer) => number>(
  'int posix_spawn_file_actions_destroy(void *actions)',
)
export const spawnActionsDup2 = call<(actions: Buffer, from: number, to: number) => number>(
  'int posix_spawn_file_actions_adddup2(void *actions, int from, int to)',
)
export const spawnActionsChdir = maybe<(actions: Buffer, path: string) => number>(
  'int posix_spawn_file_actions_addchdir_np(void *actions, const char *path)',
)
/** glibc 2.34 and later. */
export const spawnActionsCloseFrom = maybe<(actions: Buffer, from: number) => number>(
  'int posix_spawn_file_actions_addclosefrom_np(void *actions, int from)',
)
export const spawnAttributesInit = call<(attributes: Buffer) => number>('int posix_spawnattr_init(void *attributes)')
export const spawnAttributesSetFlags = call<(attributes: Buffer, flags: number) => number>(
  'int posix_spawnattr_setflags(void *attributes, short flags)',
)
export const spawnAttributesSetSigmask = call<(attributes: Buffer, set: Buffer) => number>(
  'int posix_spawnattr_setsigmask(void *attributes, void *set)',
)
export const spawnAttributesSetSigdefault = call<(attributes: Buffer, set: Buffer) => number>(
  'int posix_spawnattr_setsigdefault(void *attributes, void *set)',
)
export const sigemptyset = call<(set: Buffer) => number>('int sigemptyset(void *set)')

export const waitpid = call<(pid: number, status: Out, options: number) => number>(
  'int waitpid(int pid, _Out_ int *status, int options)',
)
/** Without exit handlers of the C library. */
export const exitImmediately = call<(status: number) => void>('void _exit(int status)')
export const close = call<(fd: number) => number>('int close(int fd)')
/** Unlike `readSync` it makes no error when there is nothing: that would take longer than reading. */
export const read = call<(fd: number, data: Buffer, length: number) => number>(
  'long read(int fd, void *data, size_t length)',
)
export const pipe2 = maybe<(ends: Buffer, flags: number) => number>('int pipe2(void *ends, int flags)')
export const getrlimit = call<(resource: number, limit: Buffer) => number>('int getrlimit(int resource, void *limit)')
export const setrlimit = call<(resource: number, limit: Buffer) => number>('int setrlimit(int resource, void *limit)')

/** glibc only. */
export const mallocTrim = maybe<(keep: number) => number>('int malloc_trim(size_t keep)')

export const epollCreate = maybe<(flags: number) => number>('int epoll_create1(int flags)')
export const epollControl = maybe<(epoll: number, operation: number, fd: number, event: Buffer) => number>(
  'int epoll_ctl(int epoll, int operation, int fd, void *event)',
)
export const epollWait = maybe<(epoll: number, events: Buffer, max: number, timeoutMs: number) => number>(
  'int epoll_wait(int epoll, void *events, int max, int timeout)',
)

/** Linux only; the numbers of the calls used here are the same on every architecture. */
const syscall = maybe<(number: number, a: number, b: number, c: number, d: number) => number>(
  'long syscall(long number, long a, long b, long c, long d)',
)
const PIDFD_SEND_SIGNAL = 424
const PIDFD_OPEN = 434

/** A descriptor that names the process `pid` for good; -1 with errno where there is none. Close-on-exec. */
export const pidfdOpen = (pid: number): number => syscall?.(PIDFD_OPEN, pid, 0, 0, 0) ?? -1
export const pidfdSendSignal = (pidfd: number, signum: number): number =>
  syscall?.(PIDFD_SEND_SIGNAL, pidfd, signum, 0, 0) ?? -1

export const socket = call<(domain: number, type: number, protocol: number) => number>(
  'int socket(int domain, int type, int protocol)',
)
export const bind = call<(fd: number, address: Buffer, length: number) => number>(
  'int bind(int fd, const void *address, uint32_t length)',
)
export const listen = call<(fd: number, backlog: number) => number>('int listen(int fd, int backlog)')
export const connect = call<(fd: number, address: Buffer, length: number) => number>(
  'int connect(int fd, const void *address, uint32_t length)',
)
export const getsockname = call<(fd: number, address: Buffer, length: Out) => number>(
  'int getsockname(int fd, void *address, _Inout_ uint32_t *length)',
)
export const setsockopt = call<(fd: number, level: number, name: number, value: Buffer, length: number) => number>(
  'int setsockopt(int fd, int level, int name, const void *value, uint32_t length)',
)
export const getsockopt = call<(fd: number, level: number, name: number, value: Buffer, length: Out) => number>(
  'int getsockopt(int fd, int level, int name, void *value, _Inout_ uint32_t *length)',
)
export const send = call<(fd: number, data: Buffer, length: number, flags: number) => number>(
  'long send(int fd, const void *data, size_t length, int flags)',
)
export const recv = call<(fd: number, data: Buffer, length: number, flags: number) => number>(
  'long recv(int fd, void *data, size_t length, int flags)',
)
export const poll = call<(fds: Buffer, count: number, timeoutMs: number) => number>(
  'int poll(void *fds, unsigned long count, int timeout)',
)
/** 0 for an interface that this machine does not have. */
export const interfaceIndex = call<(name: string) => number>('uint32_t if_nametoindex(const char *name)')
const fcntlWith = call<(fd: number, command: number, type: 'int', argument: number) => number>(
  'int fcntl(int fd, int command, ...)',
)
export const fcntl = (fd: number, command: number, argument = 0): number => fcntlWith(fd, command, 'int', argument)

const protocol = koffi.struct('circus_protoent', { name: 'char *', aliases: 'void *', number: 'int' })
const getprotobyname = call<(name: string) => unknown>('circus_protoent *getprotobyname(const char *name)')

const passwd = koffi.struct('circus_passwd', { name: 'char *', password: 'char *', uid: 'uint32', gid: 'uint32' })
const group = koffi.struct('circus_group', { name: 'char *', password: 'char *', gid: 'uint32' })
const getpwnam = call<(name: string) => unknown>('circus_passwd *getpwnam(const char *name)')
const getpwuid = call<(uid: number) => unknown>('circus_passwd *getpwuid(uint32 uid)')
const getgrnam = call<(name: string) => unknown>('circus_group *getgrnam(const char *name)')

export interface PasswordEntry {
  readonly name: string
  readonly uid: number
  readonly gid: number
}
const entry = <T>(pointer: unknown, type: TypeObject): T | null =>
  pointer === null ? null : (koffi.decode(pointer as never, type) as T)

/** An entry of /etc/protocols, or `null`. */
export const protocolByName = (name: string): { readonly number: number } | null =>
  entry(getprotobyname(name), protocol)
export const passwordByName = (name: string): PasswordEntry | null => entry(getpwnam(name), passwd)
export const passwordById = (uid: number): PasswordEntry | null => entry(getpwuid(uid), passwd)
export const groupEntry = (name: string): { readonly name: string; readonly gid: number } | null =>
  entry(getgrnam(name), group)

/** The errno of the last call made here. */
export const errno = (): number => koffi.errno()

/** `[name, meaning]` of an errno: `['ENOENT', 'no such file or directory']`. */
export const errnoWords = (number: number): readonly [name: string, meaning: string] => [
  getSystemErrorName(-number),
  getSystemErrorMessage(-number),
]

/** The error for a failed call: `systemError('open', '/dev/null', errno())`. */
export const systemError = (name: string, what: string, number: number): KernelError<'ERR_SYSTEM_CALL'> =>
  new KernelError('ERR_SYSTEM_CALL', [name, what, ...errnoWords(number)])
