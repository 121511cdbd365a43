import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { CircusClient } from '../../../core/index.ts'
import { untilDead, untilTrue } from '../../harness/index.ts'
import { startPlugin, ways } from '../ways.ts'

const watcher =
  "[watcher:web]\ncmd = sleep 60\n[watcher:sick]\ncmd = sh -c 'echo help; kill -9 $$'\nrespawn = false\nautostart = false"
const brief = 'events = updated\nretry_delay = 0.01'

const happen = (client: CircusClient) => client.call('set', { name: 'web', options: { graceful_timeout: 30 } })

/** A file that commands write lines to. */
function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').slice(0, -1)
  } catch {
    return []
  }
}

for (const way of ways) {
  test(`${way}: a command finds the event on its standard input and in its environment`, async () => {
    const files = {
      'tell.sh': `#!/bin/sh
cat > said.json
env | grep ^CIRCUS_ > env
echo "$@" > arguments
mv said.json said`,
    }
    await using running = await startPlugin(
      way,
      'notify',
      `command = sh tell.sh 'two words' $HOME\nevents = exit_failure`,
      watcher,
      files,
    )
    const { client, events, folder } = running

    await client.call('start', { name: 'sick', waiting: true })
    await untilTrue(() => linesOf(folder.path('said')).length > 0 || readable(folder.path('said')))

    const { payload } = await events.event('sick.reap')
    const said = JSON.parse(readFileSync(folder.path('said'), 'utf8'))
    assert.deepEqual([said.watcher, said.event, said.signal, said.lines], ['sick', 'exit_failure', 'SIGKILL', ['help']])
    const environment = linesOf(folder.path('env'))
    for (const line of [
      'CIRCUS_EVENT=exit_failure',
      'CIRCUS_WATCHER=sick',
      `CIRCUS_PID=${payload['process_pid']}`,
      'CIRCUS_SIGNAL=SIGKILL',
      'CIRCUS_LINES=help',
    ]) {
      assert.ok(environment.includes(line), line)
    }
    assert.ok(!environment.some((line) => line.startsWith('CIRCUS_PLUGIN=')))
    // No shell has looked at it.
    assert.deepEqual(linesOf(folder.path('arguments')), ['two words $HOME'])
  })
}

test('with shell = true the command is for /bin/sh', async () => {
  const section = `command = echo "$CIRCUS_WATCHER $CIRCUS_EVENT" >> told; cat >/dev/null\nshell = true\n${brief}`
  await using running = await startPlugin('in the daemon', 'notify', section, watcher)
  await happen(running.client)
  await untilTrue(() => linesOf(running.folder.path('told')).join() === 'web updated')
})

test('a command that fails is run again, and what it says is in the log', async () => {
  const files = {
    'tell.sh': 'echo x >> tries\ntest $(wc -l < tries) -ge 3 && exit 0\necho cannot reach anybody >&2; exit 7',
  }
  await using running = await startPlugin('in the daemon', 'notify', `command = sh tell.sh\n${brief}`, watcher, files)

  await happen(running.client)

  await running.log.record(/the command sh is well again, after 2 failures/)
  assert.equal(running.log.matching(/the command sh ended with status 7: cannot reach anybody/).length, 1)
})

test('a command that hangs is killed with all it has started; one that is not there is told', async () => {
  const files = { 'hang.sh': 'sleep 60 &\necho $! $$ > pids.part\nmv pids.part pids\nwait' }
  const ini = `${watcher}\n[plugin:none]\nuse = notify\ncommand = ./none\n${brief}`
  const section = `command = sh hang.sh\n${brief}\ntimeout = 0.5\nretries = 0`
  await using running = await startPlugin('in the daemon', 'notify', section, ini, files)

  await happen(running.client)

  await running.log.record(/error plugins: notify: nobody was told of web updated .*: no answer within 0.5 s/)
  const pids = linesOf(running.folder.path('pids')).join().split(' ').map(Number)
  assert.equal(pids.length, 2)
  await untilDead(...pids)
  await running.log.record(/error plugins: none: nobody was told of web updated .*: cannot be run: .*ENOENT/)
})

test('a command that floods its outputs, reads nothing and leaves something behind is done when it ends', async () => {
  const files = {
    'flood.sh': 'sleep 60 & echo $! > left\nhead -c 3000000 /dev/zero | tr "\\0" x >&2\nexit 5',
  }
  const section = `command = sh flood.sh\n${brief}\nretries = 0`
  await using running = await startPlugin('in the daemon', 'notify', section, watcher, files)

  await happen(running.client)

  const record = await running.log.record(/error.*nobody was told of web updated .*: ended with status 5: x+$/)
  assert.ok(record.length < 500)
  process.kill(Number(linesOf(running.folder.path('left'))[0]), 'SIGKILL')
})

function readable(path: string): boolean {
  try {
    return readFileSync(path, 'utf8') !== ''
  } catch {
    return false
  }
}
