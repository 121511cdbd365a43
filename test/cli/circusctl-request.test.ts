import assert from 'node:assert/strict'
import test from 'node:test'
import { UsageError } from '../../cli/circusctl/command.ts'
import { commandLoaders } from '../../cli/circusctl/commands/index.ts'

async function request(name: string, positionals: string[], flags = {}): Promise<unknown> {
  const command = await commandLoaders[name]!()
  return JSON.parse(JSON.stringify(command.properties?.(positionals, flags) ?? {}))
}

async function shown(name: string, reply: object): Promise<string> {
  return (await commandLoaders[name]!()).print!({ ...reply })
}

test('what is not given is not sent', async () => {
  assert.deepEqual(await request('start', []), {})
  assert.deepEqual(await request('incr', ['web']), { name: 'web' })
  assert.deepEqual(await request('globaloptions', []), {})
})

test('set sends pairs, and refuses an option without a value', async () => {
  const options = { max_retry: -1, cmd: 'sleep 1' }

  assert.deepEqual(await request('set', ['web', 'max_retry', '-1', 'cmd', 'sleep 1']), { name: 'web', options })
  await assert.rejects(request('set', ['web', 'max_retry', '-1', 'cmd']), UsageError)
})

test('values go over the wire with the types that an original daemon wants', async () => {
  const line =
    'web numprocesses 2 graceful_timeout 0.5 shell yes uid 1000 env A=1,B=x=y hooks before_start:a.b max_age x'

  assert.deepEqual(await request('set', line.split(' ')), {
    name: 'web',
    options: {
      numprocesses: 2,
      graceful_timeout: 0.5,
      shell: true,
      uid: '1000',
      env: { A: '1', B: 'x=y' },
      hooks: { before_start: 'a.b' },
      max_age: 'x',
    },
  })
  assert.deepEqual(await request('incr', ['web', '2']), { name: 'web', nb: 2 })
})

test('set takes the options of a stream as a whole', async () => {
  const options = async (text: string) => request('set', ['web', 'stdout_stream', text])
  const expected = { name: 'web', options: { stdout_stream: { class: 'FileStream', filename: '/a=b' } } }

  assert.deepEqual(await options('class=FileStream,filename=/a=b'), expected)
  assert.deepEqual(await options('{"class": "FileStream", "filename": "/a=b"}'), expected)
  assert.deepEqual(await options(''), { name: 'web', options: { stdout_stream: {} } })
  assert.deepEqual(await options('web.log'), { name: 'web', options: { stdout_stream: 'web.log' } })
})

test('signal takes no pid, one, or one and a child, before the signal', async () => {
  assert.deepEqual(await request('signal', ['web', 'HUP']), { name: 'web', signum: 'HUP' })
  assert.deepEqual(await request('signal', ['web', '7', '15']), { name: 'web', pid: 7, signum: '15' })
  assert.deepEqual(await request('signal', ['web', '7', '8', '9']), { name: 'web', pid: 7, childpid: 8, signum: '9' })
  await assert.rejects(request('signal', ['web', 'x', '9']), UsageError)
  await assert.rejects(request('signal', ['web', '1', '2', '3', '9']), UsageError)
})

test('kill takes the original’s positions and flags', async () => {
  const expected = { name: 'web', pid: 7, signum: 'INT', graceful_timeout: 3 }

  assert.deepEqual(await request('kill', ['web'], { pid: 7, signum: 'INT', graceful_timeout: 3 }), expected)
  assert.deepEqual(await request('kill', ['web', '7', 'INT', '3']), { ...expected, pid: '7', graceful_timeout: '3' })
})

test('add joins the words of the command; reload is graceful unless told otherwise', async () => {
  assert.deepEqual(await request('add', ['web', 'sleep', '1']), { name: 'web', cmd: 'sleep 1', start: false })
  assert.deepEqual(await request('reload', ['web']), { name: 'web', graceful: true })
  assert.deepEqual(await request('reload', [], { terminate: true }), { graceful: false })
})

test('replies are shown as the original shows them', async () => {
  assert.equal(await shown('status', { statuses: { web: 'active', db: 'stopped' } }), 'db: stopped\nweb: active')
  assert.equal(await shown('status', { status: 'active' }), 'active')
  assert.equal(await shown('list', { watchers: ['db', 'web'] }), 'db,web')
  assert.equal(await shown('list', { pids: [1, 2] }), '1,2')
  assert.equal(await shown('list', { watchers: [] }), '')
  assert.equal(await shown('incr', { numprocesses: 3 }), '3')
  assert.equal(await shown('numwatchers', { numwatchers: 2 }), '2')
  assert.equal(
    await shown('options', {
      options: { cmd: 'sleep 1', shell: false, uid: null, env: { B: '2', A: '1' }, rlimits: {} },
    }),
    'cmd: sleep 1\nshell: False\nuid: \nenv: A=1,B=2\nrlimits: {}',
  )
})
