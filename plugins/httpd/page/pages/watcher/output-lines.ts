import type { OutputLine } from '../../../api.ts'
import { clock } from '../../format.ts'

/** So many lines are kept, and shown. */
const most = 5_000
/** That near to its end, in pixels, a pane counts as being there. */
const nearEnd = 24

interface Listener {
  /** So many lines have come while it was paused. */
  onWaiting(count: number): void
  /** It goes along with what comes, or it does not any more. */
  onFollowing(following: boolean): void
}

interface Wanted {
  readonly stream: string
  readonly pid: string
  readonly search: string
}

type Kept = OutputLine | { readonly gap: true }

/**
 * Lines in a pane that is made for thousands: put there by hand, many at once, and as text only. Goes along with what comes
 * until somebody scrolls up.
 */
export class OutputLines {
  readonly #pane: HTMLElement
  readonly #listener: Listener
  #kept: Kept[] = []
  #waiting: Kept[] = []
  #fresh: Kept[] = []
  #frame = 0
  #paused = false
  #following = true
  #wanted: Wanted = { stream: '', pid: '', search: '' }

  constructor(pane: HTMLElement, listener: Listener) {
    this.#pane = pane
    this.#listener = listener
    pane.addEventListener('scroll', this.#scrolled)
  }

  close(): void {
    cancelAnimationFrame(this.#frame)
    this.#pane.removeEventListener('scroll', this.#scrolled)
  }

  /** All there is so far: after a reconnection what is there already comes again. */
  replace(lines: readonly OutputLine[]): void {
    this.#waiting = []
    this.#kept = []
    this.#fresh = []
    this.#pane.replaceChildren()
    this.#take(lines)
  }

  add(lines: readonly OutputLine[], gap: boolean): void {
    const all: Kept[] = gap ? [{ gap: true }, ...lines] : [...lines]
    if (!this.#paused) {
      this.#take(all)
      return
    }
    this.#waiting = [...this.#waiting, ...all].slice(-most)
    this.#listener.onWaiting(this.#waiting.length)
  }

  show(wanted: Wanted): void {
    this.#wanted = wanted
    this.#fresh = []
    this.#pane.replaceChildren(...this.#elements(this.#kept))
    if (this.#following) this.#toEnd()
  }

  pause(paused: boolean): void {
    this.#paused = paused
    const waiting = this.#waiting
    this.#waiting = []
    this.#listener.onWaiting(0)
    if (!paused && waiting.length > 0) this.#take(waiting)
  }

  /** Go to the end, and along from there. */
  follow(): void {
    this.#toEnd()
  }

  #take(lines: readonly Kept[]): void {
    this.#kept = [...this.#kept, ...lines].slice(-most)
    this.#fresh.push(...lines)
    // Whatever comes until the next frame is one change of the page.
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0
      this.#pane.append(...this.#elements(this.#fresh))
      this.#fresh = []
      while (this.#pane.childElementCount > most) this.#pane.firstElementChild?.remove()
      if (this.#following) this.#toEnd()
    })
  }

  #elements(lines: readonly Kept[]): HTMLElement[] {
    return lines.filter((line) => passes(line, this.#wanted)).map((line) => element(line, this.#wanted.search))
  }

  #toEnd(): void {
    this.#pane.scrollTop = this.#pane.scrollHeight
  }

  readonly #scrolled = (): void => {
    const { scrollHeight, scrollTop, clientHeight } = this.#pane
    const following = scrollHeight - scrollTop - clientHeight < nearEnd
    if (following === this.#following) return
    this.#following = following
    this.#listener.onFollowing(following)
  }
}

function passes(line: Kept, { stream, pid, search }: Wanted): boolean {
  if ('gap' in line) return search === ''
  if (stream !== '' && line.stream !== stream) return false
  if (pid !== '' && String(line.pid) !== pid) return false
  return search === '' || plain(line.line).toLowerCase().includes(search.toLowerCase())
}

function element(line: Kept, search: string): HTMLElement {
  const row = document.createElement('div')
  if ('gap' in line) {
    row.className = 'line line-gap'
    row.textContent = 'Something is missing here: it came too fast.'
    return row
  }
  row.className = `line line-${line.stream}`
  row.append(span('line-time', clock(line.time)), span('line-pid', String(line.pid)), text(plain(line.line), search))
  return row
}

function span(name: string, content: string): HTMLElement {
  const made = document.createElement('span')
  made.className = name
  // The blank is for who copies it.
  made.textContent = `${content} `
  return made
}

/** The text, with what was looked for marked. */
function text(line: string, search: string): HTMLElement {
  const made = document.createElement('span')
  made.className = 'line-text'
  if (search === '') {
    made.textContent = line
    return made
  }
  const folded = line.toLowerCase()
  const wanted = search.toLowerCase()
  let from = 0
  // Folding can change the length of a text (`İ`): what would be marked wrongly then is not marked.
  for (let at = folded.indexOf(wanted); at >= 0 && folded.length === line.length; at = folded.indexOf(wanted, from)) {
    const mark = document.createElement('mark')
    mark.textContent = line.slice(at, at + wanted.length)
    made.append(line.slice(from, at), mark)
    from = at + wanted.length
  }
  made.append(line.slice(from))
  return made
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
const sequences = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g

/** Without the escape sequences of terminals. */
const plain = (line: string): string => line.replace(sequences, '')
