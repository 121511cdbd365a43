import assert from 'node:assert/strict'
import { chmodSync } from 'node:fs'
import { test } from 'node:test'
import { exposedEndpoints, formatConfig, loadConfig, machineWarnings } from '../../../core/config/index.ts'
import { configFolder, readText } from './config-folder.ts'

const daemon = { PATH: '/usr/bin:/bin' }

async function warningsOn(text: string, env: Record<string, string> = daemon): Promise<string[]> {
  return machineWarnings(await readText(text), env).map(({ line, message }) => `${line}: ${message}`)
}

test('what this machine does not have is warned about, where it was written', async () => {
  const warnings = await warningsOn(
    [
      '[circus]\nendpoint_owner = nobody-here\npidfile = /nonexistent/x.pid\nlogoutput = /nonexistent/x.log\n',
      '[watcher:a]\ncmd = no-such-program -x\nuid = nobody-here\ngid = none-here\nworking_dir = /nonexistent\n',
      '[watcher:b]\ncmd = sh\nexecutable = ./no-such\ncopy_env = 1\nvirtualenv = /nonexistent\nuid = 0\n',
    ].join(''),
  )
  assert.deepEqual(warnings, [
    '2: [circus] endpoint_owner = nobody-here: no such user here',
    '3: [circus] pidfile = /nonexistent/x.pid: no such folder here',
    '4: [circus] logoutput = /nonexistent/x.log: no such folder here',
    '7: [watcher:a] uid = nobody-here: no such user here',
    '8: [watcher:a] gid = none-here: no such group here',
    '9: [watcher:a] working_dir = /nonexistent: no such folder here',
    '6: [watcher:a] cmd = no-such-program: no such program here',
    '14: [watcher:b] virtualenv = /nonexistent: no folder /nonexistent/lib/python3.11/site-packages here',
    '12: [watcher:b] executable = ./no-such: no such program here',
  ])
})

test('programs are looked up as they will be at spawn', async () => {
  using folder = configFolder({ 'bin/tool': '#!/bin/sh\n', 'bin/data': 'x' })
  chmodSync(folder.path('bin/tool'), 0o755)
  const watcher = (name: string, options: string) => `[watcher:${name}]\nworking_dir = ${folder.root}\n${options}\n`
  const warnings = await warningsOn(
    [
      watcher('a', 'cmd = tool'),
      watcher('b', `cmd = tool\n[env:b]\nPATH = ${folder.path('bin')}`),
      watcher('c', 'cmd = bin/tool -x'),
      watcher('d', 'cmd = ./bin/data'),
      watcher('e', 'cmd = $(circus.env.NONE)/x'),
      watcher('f', 'cmd = not found by anyone | cat\nshell = yes'),
    ].join(''),
  )
  assert.deepEqual(
    warnings.map((warning) => warning.replace(/^\d+: /, '')),
    ['[watcher:a] cmd = tool: no such program here', '[watcher:d] cmd = ./bin/data: no such program here'],
  )
})

test('a command whose words cannot be told apart here is no reason to fail', async () => {
  assert.equal(
    (await warningsOn('[watcher:a]\ncmd = $(circus.env.X) y\n[env:a]\nX = $QUOTE\n', { QUOTE: "'" })).length,
    1,
  )
})

test('endpoints that others can reach are warned about, unless that is allowed', async () => {
  const exposed = async (text: string, env = {}) =>
    exposedEndpoints((await readText(text)).circus, env).map(({ option }) => option)
  for (const local of ['127.0.0.1', '127.8.9.1', 'localhost', '[::1]', 'lo']) {
    assert.deepEqual(await exposed(`[circus]\nendpoint = tcp://${local}:1\n`), [], local)
  }
  for (const open of ['0.0.0.0', '*', '10.0.0.1', 'eth0', '[::]', 'example.org', '127.0.0.1.example.org']) {
    assert.deepEqual(await exposed(`[circus]\nendpoint = tcp://${open}:1\n`), ['endpoint'], open)
  }
  const all = 'pubsub_endpoint = tcp://*:2\nstats_endpoint = tcp://*:3\nendpoint = ipc:///x\n'
  assert.deepEqual(await exposed(`[circus]\n${all}`), ['pubsub_endpoint', 'stats_endpoint'])
  assert.deepEqual(await exposed(`[circus]\n${all}allow_insecure = yes\n`), [])
  assert.deepEqual(await exposed(`[circus]\n${all}`, { CIRCUS_ALLOW_INSECURE: '1' }), [])
  const [warning] = await warningsOn('[circus]\n\nendpoint = tcp://0.0.0.0:5555\n')
  assert.match(warning!, /^3: \[circus\] endpoint = tcp:\/\/0\.0\.0\.0:5555: anyone who can reach this address could/)
})

test('--check shows a person every option, and where it was set', async () => {
  using folder = configFolder({
    'circus.ini':
      '[circus]\ninclude = more.ini\ncheck_delay = 2\n[watcher:w]\ncmd = a\nrlimit_core =\nx.y = 1\nsingelton = 1\n',
    'more.ini': '[plugin:p]\nlevel = 3\n[watcher:w]\nhooks.after_stop = m:f\n[env]\nA = 1\n[socket:s]\nport = 0\n',
  })
  const lines = formatConfig(await loadConfig(folder.path('circus.ini'), { env: {} })).split('\n')
  assert.match(
    lines[0]!,
    /^warning: \/.*circus\.ini:8: \[watcher:w\] singelton = 1: unknown option; did you mean singleton\?$/,
  )
  const shown = new Set(lines.map((line) => line.replace(/ +;/, ' ;')))
  for (const line of [
    '[circus]',
    'check_delay = 2 ; circus.ini:3',
    'warmup_delay = 0',
    '[watcher:w]',
    'cmd = a ; circus.ini:5',
    'numprocesses = 1',
    'rlimit_core = unlimited ; circus.ini:6',
    'hooks.after_stop = m:f, false ; more.ini:4',
    'env.A = 1 ; more.ini:6',
    'x.y = 1 ; circus.ini:7',
    '[socket:s]',
    'port = 0 ; more.ini:8',
    '[plugin:p]',
    'level = 3',
  ]) {
    assert.ok(shown.has(line), line)
  }
})
