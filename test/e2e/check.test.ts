import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { Folder } from './support/folder.ts'
import { bin, root, runBin, runToEnd } from './support/program.ts'

const broken = '[watcher:web]\ncmd = sleep 1\nnumprocesses = many\n[watcher:db]\nnumprocesses = 2\nnonsense\n'

test('--check prints the configuration as it was understood', async () => {
  using folder = new Folder()
  const file = folder.write('circus.ini', '[watcher:web]\ncmd = sleep 1\nsignleton = true\n')

  const { code, stdout, stderr } = await runBin('circusd', ['--check', file])

  assert.equal(code, 0)
  assert.match(stdout, /^\[watcher:web\]$/m)
  assert.match(stdout, /^cmd = sleep 1/m)
  assert.match(stderr, new RegExp(`^${file}:3: warning: .*signleton.*singleton`, 'm'))
})

test('--check prints every error at once, each with file and line', async () => {
  using folder = new Folder()
  const file = folder.write('circus.ini', broken)

  const { code, stdout, stderr } = await runBin('circusd', ['--check', file])

  assert.equal(code, 1)
  assert.equal(stdout, '')
  assert.match(stderr, new RegExp(`^${file}:3: .*many`, 'm'))
  assert.match(stderr, new RegExp(`^${file}:6: .*nonsense`, 'm'))
})

test('--check --json prints the configuration, or the errors, with the warnings in it', async () => {
  using folder = new Folder()
  const good = folder.write('good.ini', '[watcher:web]\ncmd = no-such-program-here\n')
  const bad = folder.write('bad.ini', broken)

  const ok = await runBin('circusd', ['--check', '--json', good])
  const failed = await runBin('circusd', ['--check', '--json', bad])

  assert.equal(ok.code, 0)
  assert.equal(ok.stderr, '')
  const { watchers, warnings } = JSON.parse(ok.stdout)
  assert.equal(watchers[0].name, 'web')
  assert.ok(warnings.some(({ line }: { line: number }) => line === 2))
  assert.equal(failed.code, 1)
  const { errors } = JSON.parse(failed.stdout)
  assert.deepEqual(new Set(errors.map(({ line }: { line: number }) => line)).has(3), true)
})

test('without a FILE the usual places are searched', async () => {
  using folder = new Folder()
  folder.write('circus.ini', '[watcher:found]\ncmd = sleep 1\n')
  folder.write('deep/down/empty', '')

  const { code, stdout } = await runBin('circusd', ['--check'], { cwd: folder.at('deep/down') })

  assert.equal(code, 0)
  assert.match(stdout, /\[watcher:found\]/)
})

test('a file that is not there is an error that names it', async () => {
  const { code, stderr } = await runBin('circusd', ['--check', '/nowhere/circus.ini'])

  assert.equal(code, 1)
  assert.match(stderr, /\/nowhere\/circus\.ini/)
})

test('a typed configuration imports circusd from wherever it lies', async () => {
  using folder = new Folder()
  const text =
    "import { defineConfig } from 'circusd'\nexport default defineConfig({ watchers: [{ name: 'web', cmd: 'sleep 1' }] })\n"
  const file = folder.write('circus.config.ts', text)

  const { code, stdout, stderr } = await runBin('circusd', ['--check', file])

  assert.equal(code, 0, stderr)
  assert.match(stdout, /\[watcher:web\]/)
})

test('--check does not load ZeroMQ', async () => {
  using folder = new Folder()
  const file = folder.write('circus.ini', '[watcher:web]\ncmd = sleep 1\n')
  const report = "process.on('exit', () => console.error(process.report.getReport().sharedObjects.join('\\n')))"

  const args = ['--import', `data:text/javascript,${report}`, bin('circusd'), '--check', file]
  const { stderr } = await runToEnd(process.execPath, args)

  assert.match(stderr, /libc/)
  assert.doesNotMatch(stderr, /zeromq/)
})

test('--version and --help print and exit 0; wrong usage exits 2', async () => {
  const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))

  assert.deepEqual(await runBin('circusd', ['--version']), {
    code: 0,
    signal: null,
    stdout: `${version}\n`,
    stderr: '',
  })
  for (const name of ['circusd', 'circusctl', 'circus-plugin'] as const) {
    const itself = name === 'circusctl' ? 'circusctl ' : '' // as the original
    const told = { code: 0, signal: null, stdout: `${itself}${version}\n`, stderr: '' }
    assert.deepEqual(await runBin(name, ['--version']), told)
    const help = await runBin(name, ['--help'])
    assert.equal(help.code, 0)
    assert.match(help.stdout, /usage/i)
    assert.equal((await runBin(name, ['--nonsense', 'x'])).code, 2)
  }
})

test('--check finds wrong options of streams, and runs nothing that the file names', async () => {
  using folder = new Folder()
  folder.write('mine.ts', "throw new Error('this was run')\n")
  const file = folder.write(
    'circus.ini',
    `[watcher:web]
cmd = sleep 1
stdout_stream.filenam = web.log
stderr_stream.class = ./mine.ts:Mine
[watcher:db]
cmd = sleep 1
stdout_stream.class = circus.stream.FileStream
stdout_stream.filename = db.log
stdout_stream.max_bytes = lots
stderr_stream.class = FancyStdoutStraem
[watcher:gone]
cmd = sleep 1
stdout_stream.filename = /no/such/folder/gone.log
stderr_stream.class = ./no-such.ts:Mine
[watcher:original]
cmd = sleep 1
stdout_stream.filename = original.log
stdout_stream.max_byte = 5
`,
  )

  const { code, stderr } = await runBin('circusd', ['--check', file])

  assert.equal(code, 0)
  assert.deepEqual(
    stderr
      .split('\n')
      .flatMap((line) => /:(\d+): warning: \[watcher:\w+\] (\S+)/.exec(line)?.slice(1).join(' ') ?? [])
      .sort(),
    [
      '10 stderr_stream.class',
      '13 stdout_stream.filename',
      '14 stderr_stream.class',
      '18 stdout_stream.max_byte',
      '3 stdout_stream.filenam',
      '3 stdout_stream.filename',
      '9 stdout_stream.max_bytes',
    ],
  )
  assert.match(stderr, /did you mean stdout_stream\.filename\?/)
  assert.match(stderr, /did you mean FancyStdoutStream\?/)
  assert.match(
    stderr,
    /max_byte = 5: no option of FileStream, it is ignored; did you mean stdout_stream\.max_bytes\?$/m,
  )
})
