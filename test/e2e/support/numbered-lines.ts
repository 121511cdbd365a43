import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

/** What came of the lines of one writer (`numbers-lines.sh`). */
export interface Writer {
  /** Its lines, from 1 to this one. */
  readonly lines: number
  /** What it said at its end; `undefined` when it was killed, or goes on. */
  readonly last: number | undefined
}

/**
 * Read what writers of numbered lines wrote, in one file or several, the oldest first. Fails when a line is torn, or when
 * one is missing, there twice or out of its order.
 */
export function readNumberedLines(...files: readonly string[]): Map<string, Writer> {
  const writers = new Map<string, Writer>()
  const text = files.map((file) => readFileSync(file, 'latin1')).join('')
  for (const line of text.split('\n').slice(0, -1)) {
    const [, name, last, digits] = /^([\w-]+-\d+) (last )?(\d+)$/.exec(line) ?? []
    assert.ok(name, `torn: ${line}`)
    const before = writers.get(name) ?? { lines: 0, last: undefined }
    assert.equal(before.last, undefined, `after its last: ${line}`)
    const number = Number(digits)
    if (last) writers.set(name, { ...before, last: number })
    else {
      assert.equal(number, before.lines + 1, `${name}: ${number} after ${before.lines}`)
      writers.set(name, { lines: number, last: undefined })
    }
  }
  return writers
}

/** Fails unless each of so many writers told its end, and all it wrote is there. */
export function assertComplete(writers: ReadonlyMap<string, Writer>, count: number): void {
  assert.equal(writers.size, count)
  for (const [name, { lines, last }] of writers) {
    // Between a line and the note that it was written, it may have been asked to end.
    assert.ok(last === lines || last === lines - 1, `${name}: ${lines} lines are there, and it wrote ${last}`)
  }
}
