import { setTimeout as sleep } from 'node:timers/promises'
import { Box, render, Text, useApp, useInput, usePaste, useWindowSize } from 'ink'
import { createElement, type ReactNode, useEffect, useReducer } from 'react'
import { terminalOf } from '../circusctl/output.ts'
import type { Feed } from './feed.ts'
import { glyphsFor } from './glyphs.ts'
import { keysIn } from './keys.ts'
import { Session } from './session.ts'
import type { Beginning } from './view.ts'

/** Show a feed on the terminal until the user leaves. The screen is as it was before, then. */
export async function showLive(feed: Feed, beginning: Beginning): Promise<void> {
  const listeners = new Set<() => void>()
  const changed = () => {
    for (const listener of listeners) listener()
  }
  using session = new Session(feed, { beginning, glyphs: glyphsFor(process.env), changed })
  beginLine()
  const app = render(createElement(Screen, { session, listeners }), {
    alternateScreen: true,
    exitOnCtrlC: false,
    incrementalRendering: true,
    interactive: true,
    patchConsole: false,
  })
  await app.waitUntilExit()
}

/**
 * Begin a line, if something stands in this one already: keys that were typed meanwhile, for instance. Ink begins where the cursor is.
 */
function beginLine(): void {
  const { stdin, stdout } = process
  stdin.setRawMode(true) // nothing more is shown of what is typed
  // At the beginning of a line this stays in it; from anywhere else it reaches the next one.
  stdout.write(`${' '.repeat(stdout.columns)}\r`)
}

interface Props {
  readonly session: Session
  /** Called when the session has changed. */
  readonly listeners: Set<() => void>
}

/** The lines that the session draws; Ink puts those that have changed on the screen. */
function Screen({ session, listeners }: Props): ReactNode {
  const { columns, rows } = useWindowSize()
  const [, redraw] = useReducer((count: number) => count + 1, 0)
  const { exit, suspendTerminal } = useApp()
  useEffect(() => {
    listeners.add(redraw)
    return () => void listeners.delete(redraw)
  }, [listeners])
  useEffect(() => {
    // A terminal moves what is on it then, and Ink takes the lines that have not changed to be where they were.
    let timer: NodeJS.Timeout | undefined
    const redrawSoon = () => {
      clearTimeout(timer)
      timer = setTimeout(() => void drawAnew(suspendTerminal), settledMs)
    }
    process.stdout.on('resize', redrawSoon)
    return () => {
      clearTimeout(timer)
      process.stdout.off('resize', redrawSoon)
    }
  }, [suspendTerminal])
  useInput((input, key) => {
    for (const name of keysIn({ input, key: { ...key } })) {
      const effect = session.press(name)
      if (effect?.id === 'leave') exit()
      else if (effect?.id === 'redraw') void drawAnew(suspendTerminal)
      else if (effect?.id === 'suspend') void suspendTerminal(sleepUntilContinued)
    }
  })
  usePaste((text) => session.paste(text))
  const { paint } = terminalOf(process.stdout) ?? { paint: (_: unknown, text: string) => text }
  const lines = session.draw({ columns, paint }, rows)
  const texts = lines.map((line, at) => createElement(Text, { key: at, wrap: 'truncate' }, line === '' ? ' ' : line))
  return createElement(Box, { flexDirection: 'column', width: columns, height: rows, overflow: 'hidden' }, texts)
}

/** A screen handed back is drawn anew as a whole. Terminals that can show nothing of it before it is done. */
async function drawAnew(suspendTerminal: (callback: () => Promise<void>) => Promise<void>): Promise<void> {
  process.stdout.write('\x1b[?2026h')
  await suspendTerminal(async () => {}).catch(() => {}) // somebody else has it: it is drawn anew then
  process.stdout.write('\x1b[?2026l')
}

/** Windows that are drawn larger or smaller go through many sizes. */
const settledMs = 100

/** As a terminal's Ctrl-Z does it, for all programs of the line. Where no shell could wake us, the system does not stop us either. */
async function sleepUntilContinued(): Promise<void> {
  process.kill(0, 'SIGTSTP')
  await sleep(stoppedByNowMs)
  // Who is stopped is not told that the terminal has another size now.
  process.emit('SIGWINCH')
  await sleep(0) // drawn for that size before it is shown
}

/** It takes a moment until a process has stopped: it goes on from within this time when it is woken. */
const stoppedByNowMs = 50
