import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from 'node:readline'
import { completeLine } from './completer.ts'
import { History, historySize } from './history.ts'
import { Presence } from './presence.ts'
import type { ConsoleSession } from './session.ts'

const prompt = '(circusctl) '

/** The console on a terminal: prompt, line, answer, until Ctrl-D or `exit`. */
export async function converse(session: ConsoleSession): Promise<void> {
  const history = new History()
  const { stdin, stdout } = process
  const terminal = createInterface({
    input: stdin,
    output: stdout,
    prompt,
    history: [...history.lines],
    historySize,
    removeHistoryDuplicates: true,
    completer: (line, callback) => {
      void completeLine(line, session.knowledge).then((found) => callback(null, found))
    },
  })
  using presence = new Presence(session, (text) => printAbove(terminal, text))
  const lines = new Lines(terminal)
  let interruption = new AbortController()
  // Ctrl-C is a key while a line is edited and a signal while a command runs.
  terminal.on('SIGINT', () => cancelLine(terminal))
  const interrupt = () => interruption.abort()
  process.on('SIGINT', interrupt)

  const carryOut = async (line: string): Promise<boolean> => {
    presence.paused = true
    terminal.pause()
    stdin.setRawMode(false)
    interruption = new AbortController()
    const outcome = await session.run(line, interruption.signal)
    if (outcome.id === 'exit') return false
    if (interruption.signal.aborted)
      stdout.write('\n') // below the ^C of the terminal
    else if (line.trim() !== '') presence.found(!outcome.unreachable)
    stdin.setRawMode(true)
    presence.paused = false
    return true
  }

  try {
    let goesOn = await carryOut('status')
    while (goesOn) {
      const line = await lines.next(() => terminal.prompt(true))
      if (line === undefined) break
      history.add(line.trimEnd())
      goesOn = await carryOut(line)
    }
    if (goesOn) stdout.write('\n')
  } finally {
    process.off('SIGINT', interrupt)
    terminal.close()
  }
}

/** The lines of a terminal, those included that were pasted while a command ran. */
class Lines {
  readonly #waiting: string[] = []
  #closed = false
  #wake: () => void = () => {}

  constructor(terminal: Interface) {
    terminal.on('line', (line) => {
      this.#waiting.push(line)
      this.#wake()
    })
    terminal.on('close', () => {
      this.#closed = true
      this.#wake()
    })
  }

  /** The next one; `undefined` at the end. `ask` is called unless it is there already. */
  async next(ask: () => void): Promise<string | undefined> {
    const early = this.#waiting.shift()
    if (early !== undefined) {
      process.stdout.write(`${prompt}${early}\n`)
      return early
    }
    if (this.#closed) return undefined
    ask()
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    return this.#waiting.shift()
  }
}

/** Give a line up: it stays on the screen, and an empty one begins below it. */
function cancelLine(terminal: Interface): void {
  terminal.write(null, { ctrl: true, name: 'e' })
  process.stdout.write('^C\n')
  terminal.write(null, { ctrl: true, name: 'u' })
}

/** Print a text above the line that is being edited. */
function printAbove(terminal: Interface, text: string): void {
  const { rows } = terminal.getCursorPos()
  moveCursor(process.stdout, 0, -rows)
  cursorTo(process.stdout, 0)
  clearScreenDown(process.stdout)
  // `prompt` goes up by as many rows as the line had.
  process.stdout.write(text + '\n'.repeat(rows + 1))
  terminal.prompt(true)
}
