/**
 * What the web console's server and its page say to each other: types only, so that the page can import them. README.md
 * has the same for people, `/api/openapi.json` for programs.
 */

/** What somebody may do; each role may do all that those before it may. */
export type Role = 'view' | 'operate' | 'admin'

/** How one logs in: with the link of the log, with a name and a password, or not at all. */
export type Auth = 'token' | 'users' | 'none'

/** `POST /api/session`: log in. Answered with a `Session` and a cookie. */
export type Login = { readonly token: string } | { readonly user: string; readonly password: string }

/** `GET /api/session`: who one is. */
export interface Session {
  /** The user's name; `token` for whoever had the link, `anybody` where nobody logs in. */
  readonly name: string
  readonly role: Role
  readonly auth: Auth
  /** To be sent as `X-CSRF-Token` with everything but GET. */
  readonly csrf: string
}

/**
 * An answer with a status from 400. `GET /api/session` without a session is 401 with `ERR_LOGIN_WANTED` and `auth`, which
 * tells what to ask for; a login that comes too soon after failed ones is 429 with `retryAfterSeconds`.
 */
export interface Failure {
  readonly error: {
    /** Of the kernel (core/README.md), or of the console: `ERR_LOGIN_…`, `ERR_CSRF`, `ERR_ORIGIN`, `ERR_HOST`. */
    readonly code: string
    readonly message: string
    /** What the process wrote last, where one failed. */
    readonly lines?: readonly string[]
    readonly auth?: Auth
    readonly retryAfterSeconds?: number
  }
}

/** `GET /api/commands`: what the daemon answers, and how it is asked. */
export interface CommandDescription {
  readonly summary: string
  /** JSON Schema of its properties. */
  readonly properties: object
  readonly role: Role
  /** Such a command is `GET /api/NAME?property=…`, any other `POST /api/NAME`. */
  readonly readOnly: boolean
  /** Its reply is a page of the console, of this title. */
  readonly panel?: string
  readonly plugin?: string
}

/*
 * GET /api/live[?watcher=NAME], Server-Sent Events. `state` comes first, and again whenever the page could not keep up;
 * then `patch` (JSON Merge Patch, RFC 7396), `events`, and `gone` and `back` as the daemon is lost and found. A comment
 * comes every 15 seconds at least. `end` says that the session has ended: do not connect again, log in.
 */

/** `event: state` and, as a merge patch of it, `event: patch`. What is not known is absent, never null. */
export interface State {
  readonly daemon: DaemonState
  /** By the name as it is written. */
  readonly watchers: Readonly<Record<string, WatcherState>>
  readonly sockets: Readonly<Record<string, SocketState>>
  readonly plugins: Readonly<Record<string, PluginState>>
  /** The commands of plugins whose replies are pages of the console. */
  readonly panels: Readonly<Record<string, PanelState>>
}

export interface DaemonState {
  /** `false`: it does not answer; the rest is what was known last. */
  readonly up: boolean
  readonly endpoint: string
  readonly version?: string
  readonly pid?: number
  /** Percent of one processor. */
  readonly cpu?: number
  readonly rssBytes?: number
  /** Unix seconds. */
  readonly startedAt?: number
  /** Whether it has the command `history`: the figures of the last 24 hours. */
  readonly history: boolean
  /** The file with its configuration. */
  readonly file?: string
}

export type Status = 'active' | 'stopped' | 'starting' | 'stopping'

export interface WatcherState {
  readonly status: Status
  /** Why it is stopped though nobody stopped it. */
  readonly reason?: string
  /** Processes it should have. */
  readonly wanted: number
  /** Processes it has. */
  readonly alive: number
  /** Of all its processes, percent of one processor. */
  readonly cpu?: number
  readonly rssBytes?: number
  /** Processes that took the place of one that had died unasked. */
  readonly restarts?: number
  /** When it last became active, Unix seconds. */
  readonly startedAt?: number
  /** The last process that ended. */
  readonly lastExit?: Exit
  /** Unix seconds: until then a place is not filled again. */
  readonly pauseUntil?: number
  readonly singleton: boolean
  readonly priority: number
  /** It runs a plugin of the daemon. */
  readonly plugin?: true
  /** By pid; only of the watcher that the page looks at (`?watcher=NAME`). */
  readonly processes?: Readonly<Record<string, ProcessState>>
}

export interface Exit {
  readonly pid: number
  readonly wid: number
  /** Unix seconds. */
  readonly time: number
  /** How long it lived, seconds. */
  readonly age?: number
  /** The negative number of a signal. */
  readonly exitCode?: number
  readonly signal?: string
  /** It was stopped on purpose. */
  readonly expected: boolean
  /** What it wrote last, when it was not. */
  readonly lines?: readonly string[]
}

export interface ProcessState {
  readonly pid: number
  /** Its place in the watcher; a child has none. */
  readonly wid?: number
  readonly command?: string
  readonly user?: string
  readonly cpu?: number
  readonly rssBytes?: number
  /** Unix seconds. */
  readonly startedAt?: number
  readonly fds?: number
  readonly threads?: number
  /** In its place, died unasked. */
  readonly restarts?: number
  /** What descends from it, by pid. */
  readonly children?: Readonly<Record<string, ProcessState>>
}

export interface SocketState {
  /** `HOST:PORT` or a path. */
  readonly address: string
  readonly fd?: number
  /** Connections that nobody has accepted yet, or bytes of datagrams that nobody has read. */
  readonly queue?: number
  /** How many connections may wait. */
  readonly limit?: number
  /** At how many looks of the last second somebody waited there; a hundred at most. */
  readonly hits?: number
  readonly watchers: readonly string[]
}

export interface PluginState {
  /** What was loaded. */
  readonly use: string
  readonly summary?: string
  readonly isolated: boolean
  readonly running: boolean
  readonly failures: number
  readonly commands?: readonly string[]
}

export interface PanelState {
  readonly title: string
  readonly summary: string
  /** The least that sees it. */
  readonly role: Role
}

/** `event: events`: what has happened, oldest first. The last 500 come right after the first `state`. */
export interface LiveEvents {
  readonly events: readonly LiveEvent[]
  /** So many were left out, because there were too many. */
  readonly dropped?: number
}

/** One event of the daemon. */
export interface LiveEvent {
  /** Grows by one with each; to know those that were seen before a reconnection. */
  readonly id: number
  /** As topics have it: lower case, blanks as `_`. */
  readonly watcher: string
  readonly event: string
  /** Unix seconds. */
  readonly time: number
  /** The rest of what the daemon tells, secrets masked. */
  readonly payload: Readonly<Record<string, unknown>>
}

/*
 * GET /api/follow?name=WATCHER[&match=…][&pid=…][&stream=stdout|stderr][&lines=N], Server-Sent Events: `event: lines`
 * with an `Output`, the last N lines first. GET /api/output?name=WATCHER[&pid=…][&stream=…] is what is kept, as a
 * text file to download. GET /api/tail is the daemon's own command.
 */

/** `event: lines`. */
export interface Output {
  readonly lines: readonly OutputLine[]
  /** Something is missing before these lines: it came too fast. */
  readonly gap?: true
}

export interface OutputLine {
  readonly watcher: string
  readonly wid: number
  readonly pid: number
  readonly stream: 'stdout' | 'stderr'
  /** Unix seconds: when it was read. */
  readonly time: number
  /** Text of a stranger: never to be taken as HTML. */
  readonly line: string
}

/** Of `GET /api/describe?name=…`. What the other commands reply, core/README.md and PROTOCOL.md tell. */
export interface WatcherDescription {
  readonly status: Status
  readonly options: Readonly<Record<string, OptionValue>>
  readonly exits: readonly {
    pid: number
    wid: number
    time: number
    age: number
    exit_code: number | null
    signal: string | null
    expected: boolean
    lines?: string[]
  }[]
}

/** An option, and where it was set: `file` is `API` for what came by `set` or `add`, null where the default holds. */
export interface OptionValue {
  readonly value: unknown
  readonly file: string | null
  readonly line: number | null
}

type Values = readonly (number | null)[]

/** Of `GET /api/history?name=…&step=second|minute&points=N[&processes=true]`. The last value is of the step that begins at `until`. */
export interface HistoryReply {
  readonly step: number
  readonly until: number
  readonly points: number
  readonly cpu: Values
  readonly rss: Values
  readonly count: Values
  readonly processes?: Readonly<Record<string, { readonly cpu: Values; readonly rss: Values }>>
  /** Without `name`. */
  readonly watchers?: Readonly<Record<string, { readonly cpu: Values; readonly rss: Values; readonly count: Values }>>
}
