import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runToEnd } from './program.ts'

/** How long something may take to appear, in milliseconds. */
const patienceMs = 20_000

export interface TerminalOptions {
  readonly cwd?: string
  /** The whole environment of the program, but for what a terminal adds. */
  readonly env?: Readonly<Record<string, string>>
  /** How wide it is. @default 110 */
  readonly columns?: number
  /** How high it is. @default 50 */
  readonly rows?: number
}

/** A program in a real terminal: tmux, with a server of its own that ends with the `using` block. */
export class Terminal implements AsyncDisposable {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** Run a program in a fresh terminal. Its end leaves the screen as it was, and a line `ended with CODE`. */
  static async start(
    command: readonly string[],
    { cwd = '/', env = {}, columns = 110, rows = 50 }: TerminalOptions = {},
  ): Promise<Terminal> {
    const terminal = new Terminal(mkdtempSync(join(tmpdir(), 'circus-tmux-')))
    const given = { PATH: process.env.PATH ?? '', LANG: 'C.UTF-8', HOME: terminal.#folder, ...env }
    const variables = Object.entries(given).map(([name, value]) => `${name}=${value}`)
    // Ctrl-C reaches the shell as well, which is to outlive the program.
    const script = 'trap : INT; env -i TERM="$TERM" "$@"; echo "ended with $?"; exec sleep 1000'
    try {
      await terminal.#tmux(
        'new-session',
        '-d',
        '-x',
        String(columns),
        '-y',
        String(rows),
        '-c',
        cwd,
        'sh',
        '-c',
        script,
        'sh',
        ...variables,
        ...command,
      )
    } catch (error) {
      await terminal[Symbol.asyncDispose]()
      throw error
    }
    return terminal
  }

  /** Type a text as it is. */
  async type(text: string): Promise<void> {
    await this.#tmux('send-keys', '-l', '--', text)
  }

  /** Press keys, by tmux's names for them: `Tab`, `Enter`, `Up`, `C-c`. */
  async press(...keys: string[]): Promise<void> {
    await this.#tmux('send-keys', ...keys)
  }

  /** Type a line. */
  async enter(line: string): Promise<void> {
    await this.type(line)
    await this.press('Enter')
  }

  /** Make it that wide and high. */
  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux('resize-window', '-x', String(columns), '-y', String(rows))
  }

  /** What is on the screen, without the blanks at the ends of lines. */
  async screen(): Promise<string> {
    return (await this.#tmux('capture-pane', '-p', '-J')).replace(/[ \t]+$/gm, '').trimEnd()
  }

  /** The same with the escape sequences of its colours and styles. */
  paintedScreen(): Promise<string> {
    return this.#tmux('capture-pane', '-p', '-e')
  }

  /** Wait until the screen matches. Fails with what is on it instead. */
  async shows(pattern: RegExp): Promise<RegExpExecArray> {
    const deadline = Date.now() + patienceMs
    for (;;) {
      const screen = await this.screen()
      const match = pattern.exec(screen)
      if (match) return match
      if (Date.now() > deadline) throw new Error(`waited in vain for ${pattern} on the screen:\n${screen}`)
      await sleep(20)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux('kill-server').catch(() => {}) // it may not have come up
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #tmux(...args: string[]): Promise<string> {
    const command = ['-u', '-S', join(this.#folder, 'tmux'), '-f', '/dev/null', ...args]
    const { code, stdout, stderr } = await runToEnd('tmux', command)
    if (code !== 0) throw new Error(`tmux ${args[0]}: ${stderr}`)
    return stdout
  }
}
