import { ReplyError } from '../../core/client.ts'
import type { Terminal } from '../circusctl/output.ts'
import { type Action, missed } from './actions.ts'
import type { Snapshot } from './board.ts'
import type { Feed } from './feed.ts'
import type { Glyphs } from './glyphs.ts'
import { askOutput, type Output } from './output.ts'
import { type Row, rowsOf } from './rows.ts'
import { drawScreen } from './screen.ts'
import { type Beginning, type Effect, initialView, type Message, press, type View } from './view.ts'

/** What a burst of messages has changed is drawn at once. */
const gatherMs = 250
/** The output that is shown is asked for anew so often. */
const outputMs = 1_000

/** What the terminal's side does about a key. */
export type TerminalEffect = Exclude<Effect, { id: 'act' }>

/** The live table: what the feed has, looked at as the keys say. Draws itself as lines of text. */
export class Session implements Disposable {
  readonly #feed: Feed
  readonly #glyphs: Glyphs
  readonly #changed: () => void
  readonly #ends: (() => void)[] = []
  #view: View
  /** What is shown while it is paused. */
  #frozen: Snapshot | undefined
  #output: Output = { id: 'waiting' }
  #outputTimer: NodeJS.Timeout | undefined
  #gathering: NodeJS.Timeout | undefined
  #top = 0
  #page = 1
  #ended = false

  /** @param changed Called when it is to be drawn anew. */
  constructor(
    feed: Feed,
    { beginning, glyphs, changed }: { beginning: Beginning; glyphs: Glyphs; changed: () => void },
  ) {
    this.#feed = feed
    this.#glyphs = glyphs
    this.#changed = changed
    this.#view = initialView(beginning)
    this.#ends.push(feed.onChange(() => this.#gather()))
  }

  /** All lines of a screen so high. */
  draw(terminal: Terminal, height: number): readonly string[] {
    const { endpoint } = this.#feed.daemon
    const { source, link } = this.#feed
    const scene = { endpoint, source, link, snapshot: this.#snapshot, rows: this.#rows, output: this.#output }
    const view = this.#view
    const { lines, top, page } = drawScreen({ ...scene, view }, terminal, height, this.#top, this.#glyphs)
    this.#top = top
    this.#page = page
    return lines
  }

  /** Take a key. Returns what is left to do. */
  press(key: string): TerminalEffect | undefined {
    const before = this.#view
    const around = { rows: this.#rows, snapshot: this.#snapshot, page: this.#page, refusal: this.#feed.refusal }
    const { view, effect } = press(before, key, around)
    this.#see(view)
    if (effect?.id !== 'act') return effect
    void this.#act(effect.action)
    return undefined
  }

  /** Take a text that was pasted: only where one is typed. Elsewhere it would be a row of commands. */
  paste(text: string): void {
    const { id } = this.#view.mode
    if (id !== 'filter' && id !== 'signal') return
    for (const sign of text) if (sign >= ' ') this.press(sign)
  }

  [Symbol.dispose](): void {
    this.#ended = true
    clearTimeout(this.#gathering)
    clearTimeout(this.#outputTimer)
    for (const end of this.#ends) end()
  }

  get #snapshot(): Snapshot {
    return this.#frozen ?? this.#feed.snapshot()
  }

  get #rows(): Row[] {
    return rowsOf(this.#snapshot, this.#view)
  }

  #see(view: View): void {
    const before = this.#view
    this.#view = view
    if (view.paused !== before.paused) this.#frozen = view.paused ? this.#feed.snapshot() : undefined
    this.#feed.wantsChildren = view.tree
    if (view.mode.id === 'output' && before.mode.id !== 'output') {
      this.#output = { id: 'waiting' }
      void this.#followOutput(view.mode.row)
    }
    this.#changed()
  }

  async #followOutput(row: Row): Promise<void> {
    const output = await askOutput(this.#feed.daemon, row, this.#page)
    const { mode } = this.#view
    if (this.#ended || mode.id !== 'output' || mode.row !== row) return
    this.#output = output
    this.#changed()
    clearTimeout(this.#outputTimer)
    this.#outputTimer = setTimeout(() => {
      const now = this.#view.mode
      if (now.id === 'output' && now.row === row) void this.#followOutput(row)
    }, outputMs)
  }

  async #act(action: Action): Promise<void> {
    const tooLate = missed(action, this.#feed.snapshot())
    if (tooLate !== undefined) return this.#say({ kind: 'failed', text: tooLate })
    const { command, properties, title, tell } = action
    const busy: Message = { kind: 'busy', text: `${title} …` }
    this.#say(busy)
    let message: Message
    try {
      const reply = await this.#feed.daemon.call(command, properties)
      message = { kind: 'done', text: tell?.(reply) ?? `${title}: done` }
    } catch (error) {
      const why = error instanceof ReplyError ? String(error.reason) : (error as Error).message
      message = { kind: 'failed', text: `${title}: ${why}` }
    }
    if (this.#ended) return
    this.#feed.hurry()
    this.#say(message)
  }

  #say(message: Message): void {
    this.#view = { ...this.#view, message }
    this.#changed()
  }

  #gather(): void {
    if (this.#gathering) return
    this.#gathering = setTimeout(() => {
      this.#gathering = undefined
      this.#changed()
    }, gatherMs)
  }
}
