import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NotAllTaken, type OutputPiece } from '../../../core/index.ts'
import { ReformattedStream } from '../../../plugins/streams/reformatted.ts'

const piece = (text: string, startsLine = true): OutputPiece => ({
  data: Buffer.from(text),
  watcher: 'w',
  wid: 1,
  pid: 1,
  kind: 'stdout',
  time: 0,
  startsLine,
  endsLine: text.endsWith('\n'),
})

/** What an outlet hands over again after a part was taken. */
function rest(pieces: readonly OutputPiece[], takenBytes: number): OutputPiece[] {
  let left = takenBytes
  return pieces.flatMap((each) => {
    const skipped = Math.min(left, each.data.length)
    left -= skipped
    if (skipped === each.data.length) return []
    return [skipped === 0 ? each : { ...each, data: each.data.subarray(skipped), startsLine: false }]
  })
}

test('wherever a file takes a part of what is written, each line is there whole and once', () => {
  const expected = '<a>\n<bc>\n<>\n<dä>\n<last>\n'
  const total = Buffer.byteLength(expected)
  for (let first = 0; first < total; first++) {
    for (let second = 0; first + second < total; second++) {
      let file = ''
      const room = [first, second]
      const sink = {
        write([only]: readonly OutputPiece[]) {
          const fits = room.shift() ?? Number.POSITIVE_INFINITY
          file += only!.data.toString('latin1', 0, Math.min(fits, only!.data.length))
          if (fits < only!.data.length) throw new NotAllTaken(fits, new Error('full'))
        },
      }
      const stream = new ReformattedStream({ encoding: 'utf8', lines: () => (line) => `<${line}>\n` }, sink)
      let pieces = [piece('a\nbc\n'), piece('\ndä\n'), piece('last\n')]
      while (pieces.length > 0) {
        try {
          stream.write(pieces)
          break
        } catch (error) {
          assert.ok(error instanceof NotAllTaken)
          pieces = rest(pieces, error.takenBytes)
          assert.ok(pieces.length > 0, 'something comes again, or nobody would write the end of a torn line')
        }
      }
      assert.equal(Buffer.from(file, 'latin1').toString(), expected, `${first} and ${second} bytes at first`)
    }
  }
})

test('a line that was torn is ended even if what was left of it is dropped meanwhile', () => {
  let file = ''
  let room = 3
  const sink = {
    write([only]: readonly OutputPiece[]) {
      file += only!.data.toString('latin1', 0, room)
      if (room < only!.data.length) throw new NotAllTaken(room, new Error('full'))
    },
  }
  const stream = new ReformattedStream({ encoding: 'latin1', lines: () => (line) => `<${line}>\n` }, sink)
  assert.throws(() => stream.write([piece('torn\n')]), { takenBytes: 4 })
  room = Number.POSITIVE_INFINITY
  stream.write([piece('lost\n'), piece('next\n')])

  assert.equal(file, '<torn>\n<lost>\n<next>\n')
})
