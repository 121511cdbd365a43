import assert from 'node:assert/strict'
import { chmodSync, readdirSync, readFileSync, statSync } from 'node:fs'
import test from 'node:test'
import { gunzipSync } from 'node:zlib'
import { untilTrue } from '../harness/index.ts'
import { Daemon } from './support/daemon.ts'
import { Folder } from './support/folder.ts'
import { assertComplete, readNumberedLines } from './support/numbered-lines.ts'
import { bin, root, runToEnd } from './support/program.ts'

const size = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

const ini = (out: string) =>
  `[watcher:web]\ncmd = ${root}/test/fixtures/programs/numbers-lines.sh web\nnumprocesses = 3\nstdout_stream.filename = ${out}\n`

/** Have logrotate rotate a file now, the way that `directives` say. */
async function logrotate(folder: Folder, out: string, directives: readonly string[]): Promise<void> {
  const config = folder.write('logrotate.conf', `${out} {\n${directives.join('\n')}\n}\n`)
  chmodSync(config, 0o644)
  const { code, stdout, stderr } = await runToEnd(
    '/usr/sbin/logrotate',
    ['--verbose', '--force', '--state', folder.at('state'), config],
    { env: { CIRCUSCTL_ENDPOINT: `ipc://${folder.at('control')}` } },
  )
  assert.equal(code, 0, stdout + stderr)
}

/** The rotated files of logrotate, the oldest first, unpacked. */
function rotated(folder: Folder, out: string): string[] {
  const name = out.slice(folder.path.length + 1)
  const numbers = readdirSync(folder.path).flatMap((file) => {
    const [, number] = file.startsWith(`${name}.`) ? (/\.(\d+)\.gz$/.exec(file) ?? []) : []
    return number === undefined ? [] : [Number(number)]
  })
  return numbers
    .sort((a, b) => b - a)
    .map((number) =>
      folder.write(`unpacked.${number}`, gunzipSync(readFileSync(`${out}.${number}.gz`)).toString('latin1')),
    )
}

test('logrotate with create and circusctl reopenlogs, compressing at once: no line is lost, torn or out of order', async () => {
  using folder = new Folder()
  const out = folder.at('out.log')
  await using daemon = await Daemon.start(folder, ini(out))
  const directives = [
    'rotate 100',
    'create',
    'compress',
    'postrotate',
    `${process.execPath} ${bin('circusctl')} reopenlogs`,
    'endscript',
  ]
  for (let round = 0; round < 5; round++) {
    await untilTrue(() => size(out) > 300_000, 'it grows')
    await logrotate(folder, out, directives)
  }
  await untilTrue(() => size(out) > 300_000, 'it grows')
  await daemon.ask('quit')
  await daemon.end()

  const old = rotated(folder, out)
  assert.equal(old.length, 5)
  assertComplete(readNumberedLines(...old, out), 3)
})

test('logrotate with copytruncate: the file begins with a whole line, and goes on with whole lines', async () => {
  using folder = new Folder()
  const out = folder.at('out.log')
  await using daemon = await Daemon.start(folder, ini(out))
  for (let round = 0; round < 3; round++) {
    await untilTrue(() => size(out) > 300_000, 'it grows')
    await logrotate(folder, out, ['rotate 100', 'copytruncate', 'compress'])
  }
  await untilTrue(() => size(out) > 300_000, 'it grows')
  await daemon.ask('quit')
  await daemon.end()

  const old = rotated(folder, out)
  assert.equal(old.length, 3)
  for (const file of [...old, out]) {
    // While logrotate copies, lines come: the copy may end within one, and what comes before it truncates is lost.
    const text = readFileSync(file, 'latin1')
    const lines = text.slice(0, text.lastIndexOf('\n')).split('\n')
    const last = new Map<string, number>()
    for (const line of lines) {
      const [, name, number] = /^(web-\d+) (?:last )?(\d+)$/.exec(line) ?? []
      assert.ok(name, `torn: ${line}`)
      if (line.includes('last')) continue
      assert.ok(!last.has(name) || Number(number) === last.get(name)! + 1, line)
      last.set(name, Number(number))
    }
  }
})
