import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandOf } from '../../../plugins/command-reloader/command.ts'
import { wantedOf } from '../../../plugins/command-reloader/script.ts'

/** What is followed of a command line: programs as they are, scripts with `./` before them. */
const cases: readonly (readonly [cmd: string, followed: readonly string[], shell?: true])[] = [
  ['web --port 80', ['web']],
  ['node app.js --port 80', ['./app.js']],
  ['/usr/bin/node --import ./hook.js --enable-source-maps dist/app', ['./dist/app']],
  ['node -e "code()"', ['node']],
  ['node', ['node']],
  ['python -u -W ignore app.py', ['./app.py']],
  ['python3.12 -Xdev app.py', ['./app.py']],
  ['python3 -um pkg.tool', ['./pkg/tool']],
  ['python3 -m pkg.tool --x', ['./pkg/tool']],
  ['python -c "print()"', ['python']],
  ['env node app.js', ['./app.js']],
  ['/usr/bin/env -i -u HOME A=1 B=2 python -u app.py', ['./app.py']],
  ['env -S "node --no-warnings app.ts"', ['./app.ts']],
  ['nice -n 5 timeout -k 3 60 stdbuf -o L ruby -I lib app.rb', ['./app.rb']],
  ['sh -c "exec node app.js"', ['./app.js']],
  ['bash -eu run.sh', ['./run.sh']],
  ['bun run server.ts', ['./server.ts']],
  ['java -cp a.jar -jar server.jar', ['./server.jar']],
  ['A=1 cd sub && exec python app.py | tee log', ['cd', './app.py', 'tee'], true],
  ['node a.js; node b.js', ['./a.js', './b.js'], true],
  ['node $(circus.env.APP)', ['./main.js']],
  ['((circus.env.app)) $(circus.sockets.web)', ['main.js']],
  ['"unclosed', []],
]

for (const [cmd, followed, shell = false] of cases) {
  test(`of ${cmd}${shell ? ', in a shell,' : ''} is followed: ${followed.join(', ') || 'nothing'}`, () => {
    const { lines } = commandOf({ cmd, args: '', shell, env: { APP: 'main.js' }, working_dir: '/srv' })
    const found = lines.flatMap((words) => wantedOf(words))
    assert.deepEqual(
      found.map(({ kind, name }) => (kind !== 'program' ? `./${name}` : name)),
      followed,
    )
  })
}

test('args count, as a text or a list; an executable is what is run', () => {
  const lines = (options: object) => commandOf({ cmd: 'node', working_dir: '/', ...options }).lines
  assert.deepEqual(lines({ args: '-r x "my app.js"' }), [['node', '-r', 'x', 'my app.js']])
  assert.deepEqual(lines({ args: ['my app.js'] }), [['node', 'my app.js']])
  assert.deepEqual(lines({ args: 'x', executable: '/opt/web' }), [['/opt/web', 'x']])
})

test('programs are looked up along the PATH of the watcher, or else the daemon’s', () => {
  const path = (options: object) => commandOf({ cmd: 'web', working_dir: '/', ...options }).path
  assert.deepEqual(path({ env: { PATH: '/a:/b' } }), ['/a', '/b'])
  assert.deepEqual(path({ env: { PATH: '/a:$PATH' } }), ['/a', ...process.env['PATH']!.split(':')])
  assert.deepEqual(path({}), process.env['PATH']!.split(':'))
  assert.deepEqual(path({ virtualenv: '/venv', env: { PATH: '/a' } }), ['/venv/bin', '/a'])
})
