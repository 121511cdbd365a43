import assert from 'node:assert/strict'
import test from 'node:test'
import { Parser } from '@oclif/core'
import type { ControlCommand } from '../../cli/circusctl/command.ts'
import { commandLoaders } from '../../cli/circusctl/commands/index.ts'
import { mistakeOf } from '../../cli/circusctl/mistake.ts'
import { COMMANDS } from '../../cli/circusctl/oclif.ts'
import { arrange, type Line, nameFirst, readLine } from '../../cli/circusctl/read-line.ts'

delete process.env.CIRCUSCTL_ENDPOINT // oclif reads it

const load = async (name: string): Promise<ControlCommand> => (await commandLoaders[name]?.())!

async function readShort(argv: readonly string[]): Promise<Line | null> {
  const [name = '', ...words] = nameFirst(argv)
  const command = await load(name)
  return readLine(command, arrange(command, words))
}

async function readWithOclif(argv: readonly string[]): Promise<Line> {
  const [name = '', ...words] = nameFirst(argv)
  const command = await load(name)
  const { args, flags: declared, strict } = COMMANDS[name]!
  const line = arrange(command, words)
  const read = await Parser.parse([...line.flags, '--', ...line.positionals], { args, flags: declared, strict })
  return { flags: { ...(read.flags as Line['flags']) }, positionals: read.argv as string[] }
}

const plain: Record<string, Line> = {
  status: { flags: {}, positionals: [] },
  'status web': { flags: {}, positionals: ['web'] },
  '--json --endpoint tcp://h:1 status web': { flags: { json: true, endpoint: ['tcp://h:1'] }, positionals: ['web'] },
  'status --timeout=2.5 web': { flags: { timeout: 2.5 }, positionals: ['web'] },
  'start web-* --match glob --waiting': { flags: { match: 'glob', waiting: true }, positionals: ['web-*'] },
  'set web max_retry -1 args --verbose': { flags: {}, positionals: ['web', 'max_retry', '-1', 'args', '--verbose'] },
  'set web args -- --json': { flags: {}, positionals: ['web', 'args', '--json'] },
  'add --start web python -m http.server --port=80': {
    flags: { start: true },
    positionals: ['web', 'python', '-m', 'http.server', '--port=80'],
  },
  'add web sleep 1 --start': { flags: { start: true }, positionals: ['web', 'sleep', '1'] },
  'kill web --pid 12 --signum INT --graceful_timeout 0.5': {
    flags: { pid: 12, signum: 'INT', graceful_timeout: 0.5 },
    positionals: ['web'],
  },
  'signal web 12 HUP --children': { flags: { children: true }, positionals: ['web', '12', 'HUP'] },
  listen: { flags: {}, positionals: [] },
  'tail web -f -n 5 db': { flags: { follow: true, lines: 5 }, positionals: ['web', 'db'] },
  'logs -n5 --stderr': { flags: { lines: 5, stderr: true }, positionals: [] },
  'logs -n=5': { flags: { lines: 5 }, positionals: [] },
  'add web tail -f -n 5': { flags: {}, positionals: ['web', 'tail', '-f', '-n', '5'] },
  'listen watcher.web. watcher.db.': { flags: {}, positionals: ['watcher.web.', 'watcher.db.'] },
}

for (const [line, expected] of Object.entries(plain)) {
  test(`"${line}" is read alike with and without oclif`, async () => {
    const argv = line.split(' ')

    assert.deepEqual(await readShort(argv), expected)
    assert.deepEqual(await readWithOclif(argv), expected)
  })
}

const wrong: Record<string, RegExp> = {
  'status a b': /^there is no place for 'b'\nUsage: circusctl status \[NAME\]$/,
  'status --nonsense': /^there is no flag --nonsense; /,
  'status --timeout soon': /^--timeout takes a number from 0, not 'soon'\n/,
  'status --endpoint': /^--endpoint needs a value: /,
  'status --json=yes': /^--json takes no value/,
  incr: /^NAME is missing: the watcher's name\n/,
  'set web numprocesses': /^VALUE is missing: /,
  'start web --match like': /^--match takes glob, simple, regex, not 'like'\n/,
  'reload --sequentially web': /^there is no flag --sequentially; /,
  'signal web': /^SIGNUM is missing: /,
  'tail web -x': /^there is no flag -x; /,
  'tail web -fast': /^there is no flag -fast; /,
  'tail web -n': /^--lines needs a value: /,
}

for (const [line, told] of Object.entries(wrong)) {
  test(`"${line}" is wrong, and what is wrong is told`, async () => {
    const [name = '', ...words] = line.split(' ')

    assert.equal(await readShort(line.split(' ')), null)
    assert.match(mistakeOf(await load(name), words).message, told)
  })
}

test('every command is declared under its own name, and oclif has them all', async () => {
  for (const [name, loader] of Object.entries(commandLoaders)) assert.equal((await loader()).name, name)
  assert.deepEqual(Object.keys(COMMANDS), Object.keys(commandLoaders))
})
