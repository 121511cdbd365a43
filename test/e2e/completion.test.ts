import assert from 'node:assert/strict'
import { chmodSync, existsSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { Daemon } from './support/daemon.ts'
import { Folder } from './support/folder.ts'
import { bin, runBin } from './support/program.ts'
import { Terminal } from './support/terminal.ts'

const folder = new Folder()
let daemon: Daemon

before(async () => {
  const watchers = ['Wanderer', 'my app', "it's$(touch pwned)", 'a:b=c']
  daemon = await Daemon.start(folder, watchers.map((name) => `[watcher:${name}]\ncmd = sleep 1000\n`).join(''))
  // On the path as when installed, run by the Node of the test.
  for (const name of ['circusctl', 'circusd'] as const) {
    chmodSync(folder.write(`bin/${name}`, `#!/bin/sh\nexec '${process.execPath}' '${bin(name)}' "$@"\n`), 0o755)
  }
  folder.write('settings/circus.ini', '')
})

after(async () => {
  await daemon?.[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

interface Shell {
  readonly command: readonly string[]
  readonly load: string
  readonly prompt: string
}

const shells: Readonly<Record<string, Shell>> = {
  bash: {
    command: ['bash', '--norc', '--noprofile', '-i'],
    load: 'eval "$(circusctl completion bash)"',
    prompt: "PS1='> '",
  },
  zsh: { command: ['zsh', '-f', '-i'], load: 'source <(circusctl completion zsh)', prompt: "PS1='> '" },
  fish: {
    command: ['fish', '--no-config', '-i'],
    load: 'circusctl completion fish | source',
    // What it suggests by itself, before Tab, looks the same on the screen.
    prompt: "set -g fish_autosuggestion_enabled 0; function fish_prompt; echo '> '; end",
  },
}

/** The last line of the screen is a prompt and nothing else. */
const atPrompt = /^>$(?!\n)/m

/** A shell at its prompt, with the completion of circusctl in it. */
async function start({ command, load, prompt }: Shell): Promise<Terminal> {
  const env = {
    PATH: `${folder.at('bin')}:${process.env['PATH']}`,
    CIRCUSCTL_ENDPOINT: daemon.endpoint,
    HOME: folder.path,
  }
  const terminal = await Terminal.start(command, { cwd: folder.path, env })
  try {
    await terminal.enter(prompt)
    await terminal.shows(atPrompt)
    await terminal.enter(`${load}; echo load''ed`)
    await terminal.shows(/^loaded\n>$/m)
    return terminal
  } catch (error) {
    await terminal[Symbol.asyncDispose]()
    throw error
  }
}

/** The line that a line becomes with Tab; the next one begins empty. */
async function completed(terminal: Terminal, line: string, expected: RegExp): Promise<void> {
  await terminal.type(line)
  await terminal.press('Tab')
  await terminal.shows(expected)
  await terminal.press('C-u') // not Ctrl-C: a shell that still completes takes that to mean the completion
  await terminal.shows(atPrompt)
}

for (const [name, shell] of Object.entries(shells)) {
  test(`${name} completes commands, watchers of a live daemon, pids, flags, signals and files`, async () => {
    await using terminal = await start(shell)
    const [pid] = await daemon.pids('wanderer')

    await completed(terminal, 'circusctl numw', /^> circusctl numwatchers/m)
    await completed(terminal, 'circusctl stop W', /^> circusctl stop Wanderer/m)
    await completed(terminal, 'circusctl status my', /^> circusctl status my\\ app/m)
    await completed(terminal, "circusctl start 'my a", /^> circusctl start 'my app'/m)
    await completed(terminal, 'circusctl rm "my a', /^> circusctl rm "my app"/m)
    await completed(terminal, 'circusctl incr a:b', /^> circusctl incr a:b=c/m)
    await completed(terminal, 'circusctl decr it', /^> circusctl decr it\\'s\\\$\\\(touch\\ pwned\\\)/m)
    await completed(
      terminal,
      `circusctl kill Wanderer ${String(pid).slice(0, -1)}`,
      RegExp(`^> circusctl kill Wanderer ${pid}`, 'm'),
    )
    await completed(terminal, 'circusctl signal Wanderer WI', /^> circusctl signal Wanderer WINCH/m)
    await completed(terminal, 'circusctl restart --mat', /^> circusctl restart --match/m)
    await completed(terminal, 'circusctl restart --match=g', /^> circusctl restart --match=glob/m)
    await completed(terminal, 'circusctl get Wanderer max_r', /^> circusctl get Wanderer max_retry/m)
    await completed(terminal, `circusctl --endpoint ipc://${folder.at('nobody')} numw`, /nobody numwatchers/m)
    await completed(terminal, 'circusd --log-level w', /^> circusd --log-level warning/m)
    await completed(terminal, 'circusd settings/ci', /^> circusd settings\/circus\.ini/m)
    assert.equal(existsSync(folder.at('pwned')), false)
  })
}

test('without a daemon only what circusctl knows itself is offered, and nothing is complained about', async () => {
  const env = { CIRCUSCTL_ENDPOINT: `ipc://${folder.at('nobody')}` }
  const asked = (...words: string[]) => runBin('circusctl', ['__complete', 'zsh', 'circusctl', '--', ...words], { env })

  const commands = await asked('st')
  const watchers = await asked('status', '')
  const nonsense = await asked('--endpoint', 'nonsense', 'status', '')

  assert.match(commands.stdout, /^status\t.+\nstop\t.+$/m)
  for (const { code, stderr } of [commands, watchers, nonsense]) assert.deepEqual([code, stderr], [0, ''])
  assert.equal(watchers.stdout, '')
  assert.equal(nonsense.stdout, '')
})

test('an unknown shell is wrong usage', async () => {
  const { code, stderr } = await runBin('circusctl', ['completion', 'tcsh'])

  assert.equal(code, 2)
  assert.match(stderr, /bash, zsh and fish/)
})
