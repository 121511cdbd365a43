import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ControlCommand } from '../../cli/circusctl/command.ts'
import { commandLoaders } from '../../cli/circusctl/commands/index.ts'
import { circusd } from '../../cli/circusctl/completion/circusd.ts'
import { complete, ofCommand } from '../../cli/circusctl/completion/complete.ts'
import type { Knowledge } from '../../cli/circusctl/completion/values.ts'

const backup: ControlCommand = {
  name: 'backup',
  summary: 'Save a watcher.',
  plugin: 'saver',
  args: [{ name: 'watcher', description: 'which', required: true }],
  flags: { to: { type: 'text', description: 'where', options: ['disk', 'tape'] } },
}

/** A daemon with two watchers and a plugin's command; what it was asked. */
function known(): Knowledge & { readonly asked: string[] } {
  const asked: string[] = []
  const answer = <T>(what: string, value: T) => {
    asked.push(what)
    return Promise.resolve(value)
  }
  const own = () => Promise.all(Object.values(commandLoaders).map((load) => load()))
  return {
    asked,
    commands: async () => [...(await own()), await answer('commands', backup)],
    command: async (name) => (await own()).concat(backup).find((command) => command.name === name),
    watchers: () => answer('watchers', { Web: 'active', 'my app': 'stopped' }),
    pids: (watcher) => answer(`pids ${watcher}`, watcher === 'web' ? [4711, 4712] : []),
    options: (watcher) => answer(`options ${watcher}`, { numprocesses: 1, max_retry: 5, shell: false }),
    globalOptions: () => answer('globalOptions', { endpoint: 'tcp://…', check_delay: 5 }),
  }
}

/** The values of the candidates for the last of the words. */
async function values(...words: string[]): Promise<readonly string[] | 'files'> {
  const completion = await complete(words.slice(0, -1), words.at(-1) ?? '', known())
  return completion === 'files' ? completion : completion.map(({ value }) => value)
}

test('the first word becomes a command, those of plugins included', async () => {
  assert.deepEqual(await values('numw'), ['numwatchers'])
  assert.deepEqual(await values('ba'), ['backup'])
  assert.deepEqual(await values('--json', '--endpoint', 'ipc://x', 'numw'), ['numwatchers'])
  assert.deepEqual(await values('nonsense', ''), [])
})

test('watchers come with their state, in whatever case they are typed; one that is to be added has no name yet', async () => {
  assert.deepEqual(await complete(['status'], '', known()), [
    { value: 'Web', description: 'active' },
    { value: 'my app', description: 'stopped' },
  ])
  assert.deepEqual(await values('stop', 'w'), ['web'])
  assert.deepEqual(await values('backup', 'MY'), ['MY app'])
  assert.deepEqual(await values('add', ''), [])
  assert.deepEqual(await values('status', 'web', ''), [])
})

test('flags: those of the command and the connection, but not twice; their values, after a space or an equals sign', async () => {
  assert.deepEqual(await values('backup', '--t'), ['--timeout', '--to'])
  assert.deepEqual(await values('backup', '--to', ''), ['disk', 'tape'])
  assert.deepEqual(await values('backup', '--to=t'), ['--to=tape'])
  assert.deepEqual(await values('backup', '--to=tape', '--to'), [])
  assert.deepEqual(await values('--endpoint', 'ipc://a', '--endp'), ['--endpoint'])
  assert.deepEqual(await values('start', '--match', 'glob', 'w'), ['web'])
  assert.deepEqual(await values('start', '--', '--w'), [])
  assert.equal(await values('status', '--ssh_keyfile', ''), 'files')
  assert.deepEqual(await values('status', '--timeout', ''), [])
})

test('a letter for a flag counts as the flag', async () => {
  assert.deepEqual(await values('tail', '-n', '5', 'w'), ['web'])
  assert.deepEqual(await values('tail', '-f', '-n5', 'we', '--f'), [])
  assert.deepEqual(await values('tail', 'web', '-n', ''), [])
  assert.deepEqual(await values('logs', 'web', '--pid', '47'), ['4711', '4712'])
})

test('pids and signals stand where a command takes them', async () => {
  assert.deepEqual(await values('kill', 'web', '4711'.slice(0, 3)), ['4711', '4712'])
  assert.deepEqual(await values('kill', 'web', '--signum', 'HU'), ['HUP'])
  assert.deepEqual(await values('signal', 'web', '47'), ['4711', '4712'])
  assert.deepEqual(await values('signal', 'web', 'sigwin'), ['sigwinCH'])
  assert.deepEqual(await values('signal', 'web', '4711', '4712', '47'), [])
})

test('set takes options and values by turns, get any number of options, none twice', async () => {
  assert.deepEqual(await values('set', 'web', 'num'), ['numprocesses'])
  assert.deepEqual(await values('set', 'web', 'shell', ''), ['true', 'false'])
  assert.deepEqual(await values('set', 'web', 'numprocesses', ''), [])
  assert.deepEqual(await values('set', 'web', 'numprocesses', '2', 'max'), ['max_retry'])
  assert.deepEqual(await values('get', 'web', 'shell', ''), ['numprocesses', 'max_retry'])
  assert.deepEqual(await values('globaloptions', 'ch'), ['check_delay'])
})

test('topics are those of the watchers', async () => {
  assert.deepEqual(await values('listen', ''), ['watcher.web.', 'watcher.my_app.'])
})

test('the daemon is asked for nothing that is not needed', async () => {
  const knowledge = known()

  await complete(['status'], '--js', knowledge)
  await complete(['set', 'Web'], 'num', knowledge)

  assert.deepEqual(knowledge.asked, ['options Web'])
})

test('names that every object has are neither flags, commands nor arguments', async () => {
  for (const name of ['constructor', '__proto__', 'toString']) {
    assert.deepEqual(await values(name, ''), [])
    assert.deepEqual(await values('status', `--${name}`, 'w'), ['web'])
    assert.deepEqual(await values(`--${name}=`), [])
  }
})

test('circusd completes its flags, and files', async () => {
  const of = (...words: string[]) => ofCommand(circusd, words.slice(0, -1), words.at(-1) ?? '', known(), circusd.flags)

  assert.deepEqual((await of('--log-l')) as unknown, [
    { value: '--log-level', description: 'the least that is logged' },
  ])
  assert.equal(await of('--check', ''), 'files')
  assert.equal(await of('--pidfile', ''), 'files')
})
